"""Which precision an encoder computes in."""

from enum import StrEnum


class Precision(StrEnum):
    """The arithmetic of the encoder's matrix multiplications.

    The float precisions share one encoder id, and so do the two of int8, which differ in what
    computes between the integer layers.
    """

    FP32 = "fp32"
    BF16 = "bf16"
    INT8 = "int8"
    INT8_BF16 = "int8-bf16"

    @property
    def integer(self) -> bool:
        """Whether the linear layers multiply integers."""
        return self in (Precision.INT8, Precision.INT8_BF16)

    @property
    def between(self) -> str:
        """OpenVINO's name of the type in which the float layers compute."""
        return "bf16" if self in (Precision.BF16, Precision.INT8_BF16) else "f32"

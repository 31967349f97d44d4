"""A threshold of a signal other than the verdict's, with the error rate that it promises."""

from pydantic import BaseModel, ConfigDict, Field

from models.artefact.artefact import OperatingPoint


class Level(BaseModel):
    """A threshold on a signal's raw score with the error rate that it was set for.

    Attributes:
        rate: The stated rate: at most this share of the images that the answer is wrong about lies
            beyond the threshold.
        threshold: On the raw score.
        measured: The share that lies beyond it in the calibration set.
        low: Lower end of the 95 % Clopper-Pearson interval of the share.
        high: Upper end.
        n: Images of that kind in the calibration set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    rate: float = Field(gt=0, lt=1)
    threshold: float
    measured: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    n: int = Field(ge=1)

    @classmethod
    def of(cls, point: OperatingPoint) -> "Level":
        """The level at an operating point."""
        return cls(**point.model_dump(exclude={"verdict"}))

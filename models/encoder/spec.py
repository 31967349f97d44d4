"""What an encoder is: what goes in, what comes out, and where its weights come from."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent.parent / "artefacts" / "clip-vit-b16-openai"
"""What ships of the encoder: its spec, and the calibration of its integer arithmetic."""
SPEC_FILE = "spec.json"

Channels = tuple[float, float, float]
"""One number for each of red, green and blue."""


class EncoderSpec(BaseModel):
    """A vision transformer, and how pictures are made ready for it.

    It lies beside what ships of the encoder. `id` names everything of it that changes the features.

    Attributes:
        architecture: Names the network and whose weights it has.
        weights_sha256: Hex digest of the file of weights as published.
        tensors_sha256: Digest of the tensors as `models.encoder.weights` prepares them.
        size: Side of a view, in pixels.
        interpolation: How a picture is brought to that size.
        crop: What of the picture is seen: its middle square.
        mean: What is subtracted from a view in 0..1, by channel.
        deviation: What a view in 0..1 is then divided by, by channel.
        patch: Side of a patch, in pixels.
        width: Numbers of a token, C.
        blocks: Blocks of the network, L.
        heads: Heads of the attention in a block.
        embedding: Numbers of the embedding, D.
        patch_blocks: The blocks, counted from 1, whose patch tokens are summed up in `Features`.
            Not the last: without it, that block is computed for the class token alone, 7 % of the
            whole.
        token_block: The block, counted from 1, after which the patch tokens themselves stand in
            `Features`: a detector may replace the blocks that follow by a tail of its own.
        epsilon: Added to the variance in every layer normalisation.
        licence: Of the weights.
        source: Where they are fetched from.
        paper: That describes them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    architecture: str = Field(pattern="^[a-z0-9-]+$")
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    tensors_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=1)
    interpolation: Literal["bicubic"]
    crop: Literal["centre"]
    mean: Channels
    deviation: Channels
    patch: int = Field(ge=1)
    width: int = Field(ge=1)
    blocks: int = Field(ge=1)
    heads: int = Field(ge=1)
    embedding: int = Field(ge=1)
    patch_blocks: tuple[int, ...]
    token_block: int
    epsilon: float
    licence: str
    source: str
    paper: str

    @property
    def id(self) -> str:
        """The beginning of the encoder's id, before what names its precision."""
        blocks = "-".join(map(str, self.patch_blocks))
        return (
            f"{self.architecture}:{self.weights_sha256[:12]}"
            f":{self.interpolation}{self.size}:patches{blocks}"
        )

    @property
    def float_id(self) -> str:
        """Id of every implementation that holds to float32 within the conformance test's width."""
        return f"{self.id}:float"

    @property
    def grid(self) -> int:
        """Patches along a side of a view, G; a view has P = G * G patches."""
        return self.size // self.patch

    @property
    def tokens(self) -> int:
        """Tokens of a view: its patches, and the class token."""
        return self.grid**2 + 1


SPEC = EncoderSpec.model_validate_json((FOLDER / SPEC_FILE).read_bytes())
"""OpenAI CLIP ViT-B/16, the encoder that the product fetches."""

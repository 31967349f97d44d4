"""What the environment says. Nobody else reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from models import Precision
from serving.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """The settings of a run.

    Attributes:
        home: The data folder: `RAKKAN_HOME`, or else the user's data folder.
        precision: That the encoder computes in: `RAKKAN_PRECISION` (`fp32`, `bf16`, `int8`), or
            else None for the fastest that is right on this CPU.
        trust_anchors: File of certificates whose C2PA signatures are proofs:
            `RAKKAN_TRUST_ANCHORS`, or else None for none.
        operator: Name of the platform, for the labels that it writes: `RAKKAN_OPERATOR`.
    """

    home: Path
    precision: Precision | None = None
    trust_anchors: Path | None = None
    operator: str = "Rakkan"

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that an environment asks for.

        Raises:
            SettingsError: A value cannot be.
        """
        home = Path(environment.get("RAKKAN_HOME") or platformdirs.user_data_path("rakkan"))
        asked = environment.get("RAKKAN_PRECISION")
        anchors = environment.get("RAKKAN_TRUST_ANCHORS")
        try:
            return cls(
                home,
                Precision(asked) if asked else None,
                Path(anchors) if anchors else None,
                environment.get("RAKKAN_OPERATOR") or cls.operator,
            )
        except ValueError:
            known = ", ".join(Precision)
            raise SettingsError(f"RAKKAN_PRECISION={asked} is none of {known}") from None

    @property
    def encoder_cache(self) -> Path:
        """Where the fetched encoder lies."""
        return self.home / "encoder"

    @property
    def models(self) -> Path:
        """Where the user's own artefacts lie."""
        return self.home / "models"

    @property
    def features(self) -> Path:
        """Where training keeps features."""
        return self.home / "features"

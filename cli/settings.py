"""What the environment says. Nobody else reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from models import Precision


class SettingsError(Exception):
    """A variable of the environment has a value that cannot be."""


@dataclass(frozen=True)
class Settings:
    """The settings of a run.

    Attributes:
        home: The data folder: `RAKKAN_HOME`, or else the user's data folder.
        precision: That the encoder computes in: `RAKKAN_PRECISION` (`fp32`, `bf16`, `int8`), or
            else None for the fastest that is right on this CPU.
    """

    home: Path
    precision: Precision | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that an environment asks for.

        Raises:
            SettingsError: A value cannot be.
        """
        home = Path(environment.get("RAKKAN_HOME") or platformdirs.user_data_path("rakkan"))
        asked = environment.get("RAKKAN_PRECISION")
        try:
            return cls(home, Precision(asked) if asked else None)
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

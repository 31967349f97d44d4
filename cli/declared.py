"""What an uploader says of an image, as an option."""

from enum import StrEnum
from typing import Annotated

import typer


class Declared(StrEnum):
    """What an uploader says."""

    AI = "ai"
    HUMAN = "human"


DeclaredOption = Annotated[
    Declared | None, typer.Option("--declared", help="What the uploader says of it.")
]


def declares_ai(declared: Declared | None) -> bool | None:
    """Whether the uploader says that an AI made it; None where nothing is said."""
    return None if declared is None else declared is Declared.AI

"""Options that name a policy."""

from pathlib import Path
from typing import Annotated

import typer

from labelling import ResolvedPolicy
from serving.settings import Settings

Service = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="NAME",
        help="Decide under the policy of this service: its name, or a file (.yaml).",
    ),
]
PolicyPlace = Annotated[
    str,
    typer.Option("--policy", metavar="NAME", help="The policy: its name, or a file (.yaml)."),
]


def find_policy(place: str) -> ResolvedPolicy:
    """The policy that an option names.

    Args:
        place: Its name, or the path of a file that ends in `.yaml`.

    Raises:
        LabellingError: There is none of that name, or it cannot be used.
        OSError: The file cannot be read.
    """
    # Only here: whoever names no policy need not wait for it.
    from labelling.policy.library import open_policy, open_policy_file

    folder = Settings.of().policies
    if place.endswith((".yaml", ".yml")):
        return open_policy_file(Path(place), folder)
    return open_policy(place, folder)

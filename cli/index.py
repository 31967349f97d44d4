"""Opening an index of creators' works."""

from typing import TYPE_CHECKING, Annotated

import typer

from serving.settings import Settings

if TYPE_CHECKING:
    from similarity.search import Similarity

HELP = "The index: a folder, or the address of a PostgreSQL database (postgresql://...)."


def _some(place: str | None) -> str | None:
    # An empty variable of a shell script would make an index where one happens to stand.
    if place is not None and not place.strip():
        raise typer.BadParameter("name a folder")
    return place


IndexPlace = Annotated[str, typer.Option("--index", metavar="DIR", callback=_some, help=HELP)]
OptionalIndexPlace = Annotated[
    str | None,
    typer.Option("--index", metavar="DIR", callback=_some, help=f"Search it, too. {HELP}"),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account", help="Who uploads: works of the creator whose account it is do not count."
    ),
]


def open_similarity(
    settings: Settings, place: str, encoder: str, *, create: bool = False
) -> "Similarity":
    """Open an index for an encoder.

    Args:
        settings: Where the user's own models lie.
        place: Where it lies.
        encoder: Id of the encoder.
        create: Whether to make one if there is none.

    Raises:
        SimilarityError: There is none, or it was made with another encoder or other heads.
    """
    # Only here: what searches takes long to load, and most commands search nothing.
    from similarity.artefact import artefact_for
    from similarity.gallery.open import open_gallery
    from similarity.search import Similarity

    artefact = artefact_for(encoder, settings.models)
    gallery = open_gallery(place, artefact.identity, artefact.measure, create=create)
    return Similarity.of(artefact, gallery)

"""Bring the translations up to date: `python -m evidence.wording.update`.

Every template gets its place in every catalogue, translations of templates that have changed are
emptied, and all are compiled. Needs Babel, which comes with the extra `dev`.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from evidence.wording.catalogue import DOMAIN, LOCALE
from evidence.wording.templates import TEMPLATES

HEADERS: Mapping[str, Any] = {
    "domain": DOMAIN,
    "header_comment": "# The sentences of Rakkan.",
    "project": "Rakkan",
    "version": "1",
    "msgid_bugs_address": "the project's issues",
    "last_translator": "the founders of Rakkan",
    "language_team": "none",
    "fuzzy": False,
}
"""What stands at the head of a catalogue."""


def catalogues() -> tuple[Path, ...]:
    """The catalogues, as they are edited."""
    return tuple(sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def renewed(po: Path) -> Catalog:
    """A catalogue with all templates of today, in their order."""
    with po.open("rb") as file:
        before = read_po(file, locale=po.parent.parent.name)
    after = Catalog(
        locale=before.locale,
        creation_date=before.creation_date,
        revision_date=before.revision_date,
        **HEADERS,
    )
    for code, template in TEMPLATES.items():
        known = before.get(template, context=code)
        message = after.add(template, known.string if known else "", context=code)
        message.flags.clear()  # a per cent sign of ours is no place for a value
    return after


def written(catalogue: Catalog) -> bytes:
    """A catalogue as it is edited."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=100)
    return buffer.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as it is read at run time."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def main() -> None:
    """Renew and compile all catalogues."""
    for po in catalogues():
        catalogue = renewed(po)
        po.write_bytes(written(catalogue))
        po.with_suffix(".mo").write_bytes(compiled(catalogue))


if __name__ == "__main__":
    main()

"""Bring the translations of templates up to date: `python -m pages.update`.

What templates say themselves, as `_("Queue")`, gets its place in every catalogue, what is said no
more leaves, and all are compiled. Needs Babel, which comes with the extra `dev`.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from evidence.wording.update import HEADERS, compiled, written
from pages.environment import DOMAIN, LOCALE, TEMPLATES


def catalogues() -> tuple[Path, ...]:
    """The catalogues, as they are edited."""
    return tuple(sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def renewed(po: Path) -> Catalog:
    """A catalogue with all that templates say today, in the order of its text."""
    with po.open("rb") as file:
        before = read_po(file, locale=po.parent.parent.name)
    after = Catalog(
        locale=before.locale,
        creation_date=before.creation_date,
        revision_date=before.revision_date,
        **{**HEADERS, "domain": DOMAIN, "header_comment": "# What pages of Rakkan say."},
    )
    said = extract_from_dir(
        TEMPLATES,
        [("**.j2", "jinja2.ext:babel_extract")],
        {"**.j2": {"trimmed": "true", "silent": "false"}},
    )
    # In one order, so that two changes at once seldom touch the same lines.
    for text in sorted({found[2] for found in said}, key=str):
        known = before.get(text if isinstance(text, str) else text[0])
        message = after.add(text, known.string if known else "")
        message.flags.discard("fuzzy")
    return after


def main() -> None:
    """Renew and compile all catalogues."""
    for po in catalogues():
        catalogue = renewed(po)
        po.write_bytes(written(catalogue))
        po.with_suffix(".mo").write_bytes(compiled(catalogue))


if __name__ == "__main__":
    main()

"""The one environment of all pages: templates lie beside this file, with one base and one style."""

import base64
import gettext
import hashlib
from functools import cache, partial
from pathlib import Path

import jinja2

from core.text import duration, file_name, file_size, percent, printable
from labelling.wording import action_word

TEMPLATES = Path(__file__).parent
LOCALE = TEMPLATES / "locale"
"""Translations of what templates say themselves; after a change, `python -m pages.update`."""

DOMAIN = "pages"
ENGLISH = "en"
STYLE = TEMPLATES / "style.css"
"""The style of all pages; fetches nothing."""


@cache
def environment(language: str = ENGLISH) -> jinja2.Environment:
    """Where all pages are made: escapes everything, and refuses names that are not given.

    Args:
        language: Of what templates say themselves, as `_("Queue")`; English where it is unknown.
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.add_extension("jinja2.ext.i18n")
    words = gettext.translation(DOMAIN, LOCALE, [language], fallback=True)
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    # A page that stands alone takes its style inside, and its policy names the very text.
    style = STYLE.read_text("utf-8").removesuffix("\n").encode("utf-8")
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode("ascii")
    made.globals.update(language=language, style_hash=f"sha256-{digest}")
    made.filters["action_word"] = partial(action_word, language=language)
    made.filters.update(
        duration=duration,
        file_name=file_name,
        file_size=file_size,
        percent=percent,
        printable=printable,
    )
    return made


def render(template: str, **values: object) -> str:
    """Make a page in English.

    Args:
        template: Its path below `pages`, as `similar/page.html.j2`.
        values: What it shows.

    Returns:
        An HTML document.
    """
    return environment().get_template(template).render(**values)

import base64
import hashlib
import re

import jinja2
import pytest

from pages import STYLE, environment, render
from pages.environment import TEMPLATES


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.j2")), ids=lambda path: path.stem)
def test_templates_compile(path) -> None:
    environment().get_template(str(path.relative_to(TEMPLATES)))


def test_there_is_one_style_one_seal_and_one_frame() -> None:
    """What a page looks like is written once; no template has colours or a frame of its own."""
    assert [path.name for path in TEMPLATES.rglob("*.css")] == ["style.css"]
    for path in TEMPLATES.rglob("*.j2"):
        text = path.read_text()
        assert not re.search(r"#[0-9a-fA-F]{6}\b|rgb\(", text), path
        assert ("<html" in text) == (path == TEMPLATES / "base.html.j2"), path
        assert 'class="seal"' not in text, path


def test_the_style_fetches_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", STYLE.read_text())


def test_a_page_that_stands_alone_allows_its_own_style_and_nothing_else() -> None:
    page = render("base.html.j2")
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', page)
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for path in TEMPLATES.rglob("*.j2"):
        assert " style=" not in path.read_text(), path


def test_what_is_given_is_escaped_and_what_is_not_given_is_refused() -> None:
    made = environment().from_string("{{ name }} {{ work|file_name }}")
    assert made.render(name="<b>", work="/srv/<i>.png") == "&lt;b&gt; &lt;i&gt;.png"
    with pytest.raises(jinja2.UndefinedError):
        made.render(name="a")
    with pytest.raises(jinja2.TemplateNotFound):
        render("none.html.j2")

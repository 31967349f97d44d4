import ast
from pathlib import Path

import pytest

from models import Precision
from serving.errors import SettingsError
from serving.settings import PREFIX, Settings
from tests.test_project import PACKAGES, ROOT


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_what_nobody_sets() -> None:
    settings = Settings.of()
    assert settings.home.name == "rakkan"
    assert (settings.precision, settings.trust_anchors, settings.operator) == (None, None, "Rakkan")


def test_every_field_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {
        "home": "/h",
        "precision": "int8",
        "trust_anchors": "a.pem",
        "operator": "pixiv",
        "database": "sqlite:///a",
        "policies": "/p",
        "rate": "600/minute",
    }
    assert set(asked) == set(Settings.model_fields)
    for name, value in asked.items():
        monkeypatch.setenv(PREFIX + name.upper(), value)
    made = Settings(
        home=Path("/h"),
        precision=Precision.INT8,
        trust_anchors=Path("a.pem"),
        operator="pixiv",
        database="sqlite:///a",
        policies=Path("/p"),
        rate="600/minute",
    )
    assert Settings.of() == made
    assert made.records == "sqlite:///a"
    assert Settings(home=Path("/h"), database=None).records == "sqlite:////h/records.sqlite3"
    assert Settings(operator="ours").operator == "ours"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), "")
    assert Settings.of().operator == "Rakkan"


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("RAKKAN_PRECISION", "INT 8", "'int8'"),
        ("RAKKAN_OPERATOR", "a\nb", "printable"),
        ("RAKKAN_OPERATOR", "  ", "printable"),
    ],
)
def test_a_wrong_value_is_one_plain_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, what: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as found:
        Settings.of()
    assert what in str(found.value)
    assert "\n" not in str(found.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.of().operator = "another"  # type: ignore[misc]


def test_nobody_else_reads_the_environment() -> None:
    """By the syntax tree, so that no comment counts: `os.environ`, `os.getenv`, `environb`.

    What a terminal can do is told by the conventions of terminals, and no setting of ours. The
    settings tell libraries where to write.
    """
    readers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.alias)
        and (node.attr if isinstance(node, ast.Attribute) else node.name)
        in {"environ", "environb", "getenv", "getenvb"}
    }
    assert readers <= {"cli/terminal.py", "serving/settings.py"}

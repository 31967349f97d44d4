import ast
from pathlib import Path

import pytest
from pydantic import SecretStr

from models import Precision
from models.feature_store.uploads import UploadFeatures
from serving.errors import SettingsError
from serving.settings import PREFIX, Gate, Settings
from tests.test_project import PACKAGES, ROOT

SECRET = "whsec_" + "c2VjcmV0" * 4


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
        "encoder": "/e",
        "device": "cuda:1",
        "precision": "int8",
        "trust_anchors": "a.pem",
        "operator": "pixiv",
        "database": "sqlite:///a",
        "connections": "5",
        "index": "/i",
        "policies": "/p",
        "archives": "/a",
        "gate": "required",
        "drain_seconds": "5",
        "rate": "600/minute",
        "rates": "redis://host",
        "uploads": "5",
        "features_days": "7",
        "features_gb": "2.5",
        "preview_days": "3.5",
        "oidc_issuer": "https://id",
        "oidc_client": "rakkan",
        "oidc_secret": "hidden",
        "oidc_name": "email",
        "oidc_role": "groups",
        "webhook_url": "https://a/b",
        "webhook_secret": SECRET,
        "public_url": "https://a",
        "link_secret": "l" * 32,
    }
    assert set(asked) == set(Settings.model_fields)
    for name, value in asked.items():
        monkeypatch.setenv(PREFIX + name.upper(), value)
    made = Settings(
        home=Path("/h"),
        encoder=Path("/e"),
        device="cuda:1",
        precision=Precision.INT8,
        trust_anchors=Path("a.pem"),
        operator="pixiv",
        database="sqlite:///a",
        connections=5,
        index="/i",
        policies=Path("/p"),
        archives=Path("/a"),
        gate=Gate.REQUIRED,
        drain_seconds=5,
        rate="600/minute",
        rates=SecretStr("redis://host"),
        uploads=5,
        features_days=7,
        features_gb=2.5,
        preview_days=3.5,
        oidc_issuer="https://id",
        oidc_client="rakkan",
        oidc_secret=SecretStr("hidden"),
        oidc_name="email",
        oidc_role="groups",
        webhook_url="https://a/b",
        webhook_secret=SecretStr(SECRET),
        public_url="https://a",
        link_secret=SecretStr("l" * 32),
    )
    assert Settings.of() == made
    assert made.links == ("https://a", "l" * 32)
    assert made.records == "sqlite:///a"
    assert made.upload_features == UploadFeatures(Path("/h/uploads"), 7, 2_500_000_000)
    assert (made.encoder_cache, made.searched) == (Path("/e"), "/i")
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
        ("RAKKAN_DEVICE", "gpu", "cpu, or a GPU"),
        ("RAKKAN_OPERATOR", "a\nb", "printable"),
        ("RAKKAN_OPERATOR", "  ", "printable"),
        ("RAKKAN_WEBHOOK_URL", "ftp://a", "https://HOST"),
        ("RAKKAN_WEBHOOK_URL", "https://", "https://HOST"),
        ("RAKKAN_WEBHOOK_URL", "https://a:b@c/", "https://HOST"),
        ("RAKKAN_WEBHOOK_URL", "https://a:99999/", "Port"),
        ("RAKKAN_WEBHOOK_SECRET", "hunter2", "whsec_"),
        ("RAKKAN_WEBHOOK_SECRET", "whsec_aHVudGVyMg==", "24 to 64"),
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


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAKKAN_WEBHOOK_SECRET", f"{SECRET} hunter2")
    with pytest.raises(SettingsError) as found:
        Settings.of()
    assert "hunter2" not in str(found.value)
    assert SECRET not in repr(Settings(webhook_secret=SecretStr(SECRET)))


def test_address_and_secrets_of_messages_go_together() -> None:
    assert Settings().webhook is None
    both = Settings(webhook_url="https://a", webhook_secret=SecretStr(f"{SECRET} {SECRET}"))
    assert both.webhook == ("https://a", (SECRET, SECRET))
    for one in (
        Settings(webhook_url="https://a"),
        Settings(webhook_secret=SecretStr(SECRET)),
    ):
        with pytest.raises(SettingsError, match="RAKKAN_WEBHOOK_URL and RAKKAN_WEBHOOK_SECRET"):
            _ = one.webhook


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


def test_a_file_is_a_value_where_no_variable_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAKKAN_SETTINGS", str(tmp_path))
    (tmp_path / "rakkan_database").write_text("postgresql://a:b@c/d\n")
    (tmp_path / "another").write_text("x")
    assert Settings.of().records == "postgresql://a:b@c/d"
    monkeypatch.setenv("RAKKAN_DATABASE", "sqlite:///e")
    assert Settings.of().records == "sqlite:///e"
    monkeypatch.setenv("RAKKAN_SETTINGS", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="RAKKAN_SETTINGS"):
        Settings.of()


def test_a_provider_of_sign_ins_is_set_whole_or_not_at_all() -> None:
    assert Settings().openid is None
    with pytest.raises(SettingsError, match="go together"):
        _ = Settings(oidc_issuer="https://id").openid
    told = Settings(oidc_issuer="https://id", oidc_client="r", oidc_secret=SecretStr("s")).openid
    assert told is not None
    assert (told.issuer, told.client, told.name, told.role) == ("https://id", "r", "sub", None)

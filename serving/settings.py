"""What the environment says. Nobody else reads it."""

import os
from base64 import b64decode
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from core.text import printable
from models import Precision
from models.encoder.devices import CPU, known_device
from serving.errors import SettingsError

if TYPE_CHECKING:
    from models.feature_store.uploads import UploadFeatures

PREFIX = "RAKKAN_"
FILES = "RAKKAN_SETTINGS"

_HIDDEN = frozenset({"link_secret", "oidc_secret", "webhook_secret", "rates"})
"""Settings whose values are never shown."""

_SECRET = "whsec_"  # noqa: S105 - how a secret begins


def _rate(text: str) -> str:
    from limits import parse  # only here: of all commands, the service alone needs it

    try:
        parse(text)
    except ValueError:
        raise ValueError("a rate, as 600/minute") from None
    return text


def _redis(text: SecretStr) -> SecretStr:
    found = urlsplit(text.get_secret_value())
    if found.scheme not in ("redis", "rediss") or not found.hostname:
        raise ValueError("redis://HOST:PORT, or rediss:// for TLS")
    return text


def _web_address(text: str) -> str:
    # Not pydantic's own: that one answers another text than it was given.
    found = urlsplit(text)
    sound = found.scheme in ("http", "https") and found.hostname and found.port != 0
    if not sound or "@" in found.netloc:
        raise ValueError("https://HOST/PATH, without a name or password in it")
    return text


def _secrets(text: SecretStr) -> SecretStr:
    words = text.get_secret_value().split()
    if not words or not all(map(_is_secret, words)):
        raise ValueError(
            "whsec_ and 24 to 64 bytes as base64; several, the newest first, by spaces"
        )
    return text


def _is_secret(word: str) -> bool:
    try:
        secret = b64decode(word.removeprefix(_SECRET), validate=True)
    except ValueError:
        return False
    return word.startswith(_SECRET) and 24 <= len(secret) <= 64


def _unguessable(text: SecretStr) -> SecretStr:
    if len(text.get_secret_value()) < 32:
        raise ValueError("32 characters at least, such as `openssl rand -hex 32` makes")
    return text


def _nameable(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise ValueError("a name of printable characters")
    return name


class Gate(StrEnum):
    """Whether a detector is promoted without having passed the gate."""

    ASK = "ask"
    REQUIRED = "required"


@dataclass(frozen=True)
class OpenId:
    """A service by which people sign in to the console.

    Attributes:
        issuer: Its address, under which it describes itself.
        client: As what it knows the console.
        secret: By which the console shows that.
        name: The claim that is a person's name here; one that people cannot change themselves.
        role: The claim that says what they may do; None for what is set here.
    """

    issuer: str
    client: str
    secret: str
    name: str
    role: str | None


class Settings(BaseSettings):
    """The settings of a run: every field is the variable of that name, after `RAKKAN_`.

    A variable that is empty counts as one that is not set. What is given to the constructor goes
    before the environment, and that before files: where `RAKKAN_SETTINGS` names a folder, a file in
    it that is named as a variable, `rakkan_database`, is its value.

    Attributes:
        home: The data folder: encoder, models, features; by default the user's data folder.
        encoder: Where the fetched encoder lies; None for `encoder` in the data folder.
        device: Where the encoder computes: `cpu`, or a GPU, `cuda` or `cuda:1`.
        precision: That it computes in; None for the fastest that is right there.
        trust_anchors: File of certificates (PEM) whose C2PA signatures are proofs; None for none.
        operator: Name of the platform, for the labels that it writes.
        database: Address of the records; None for a file in the data folder.
        connections: That a process of the service opens to records in PostgreSQL, at most.
        index: Place of the index that the service searches, a folder or the address of a database;
            None for `index` in the data folder.
        policies: Folder of the platform's own policies, which stand before those that ship; None
            for none.
        archives: Folder whose archives may be scanned over HTTP; None for none.
        drain_seconds: After the signal to end, for what was accepted; then the process ends.
        gate: Whether a detector is promoted without the gate's report: `ask` asks on a terminal and
            warns elsewhere, `required` refuses.
        rate: How often each key may ask the service, as `600/minute`; None for no limit.
        rates: Where processes count that together: `redis://HOST:PORT`; None for each by itself.
        uploads: That the service accepts before one is answered, at most; None for three a core.
        features_days: For which the service keeps the features of uploads, for labels that may
            come; 0 for none.
        features_gb: Gigabytes that these may take on the disk; the oldest leave first.
        preview_days: For which a small picture is kept of an upload that a person may have to look
            at; 0 for none.
        webhook_url: Where messages to the platform are posted; None for nowhere.
        webhook_secret: By which they are signed: `whsec_...`; several, the newest first, by spaces.
        oidc_issuer: Address of an OpenID provider by which people sign in to the console; None for
            none.
        oidc_client: As what it knows the console.
        oidc_secret: By which the console shows that.
        oidc_name: The claim that is a person's name.
        oidc_role: The claim that says what they may do; None for what is set here.
        public_url: Under which people reach the service, for links to public pages; None for none.
        link_secret: By which those links are signed, 32 characters at least.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("rakkan"))
    encoder: Path | None = None
    device: Annotated[str, AfterValidator(known_device)] = CPU
    precision: Precision | None = None
    trust_anchors: Path | None = None
    operator: Annotated[str, AfterValidator(_nameable)] = "Rakkan"
    database: str | None = None
    connections: Annotated[int, Field(ge=2)] = 8
    index: str | None = None
    policies: Path | None = None
    archives: Path | None = None
    drain_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 30.0
    gate: Gate = Gate.ASK
    rate: Annotated[str, AfterValidator(_rate)] | None = None
    rates: Annotated[SecretStr, AfterValidator(_redis)] | None = None
    uploads: Annotated[int, Field(ge=1)] | None = None
    features_days: Annotated[int, Field(ge=0)] = 30
    features_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    preview_days: Annotated[float, Field(ge=0, le=3650, allow_inf_nan=False)] = 30.0
    webhook_url: Annotated[str, AfterValidator(_web_address)] | None = None
    webhook_secret: Annotated[SecretStr, AfterValidator(_secrets)] | None = None
    oidc_issuer: Annotated[str, AfterValidator(_web_address)] | None = None
    oidc_client: str | None = None
    oidc_secret: SecretStr | None = None
    oidc_name: str = "sub"
    oidc_role: str | None = None
    public_url: Annotated[str, AfterValidator(_web_address)] | None = None
    link_secret: Annotated[SecretStr, AfterValidator(_unguessable)] | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the first before the next; called by pydantic."""
        files = SecretsSettingsSource(settings_cls, os.environ.get(FILES) or None)
        return init_settings, env_settings, files

    @classmethod
    def of(cls) -> "Settings":
        """The settings that the environment asks for.

        Raises:
            SettingsError: A value cannot be; names the variable, and what may stand there.
        """
        files = os.environ.get(FILES)
        if files and not Path(files).is_dir():
            raise SettingsError(f"{FILES}={printable(files)} cannot be: it takes a folder")
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            variable = PREFIX + str(first["loc"][0]).upper()
            expected = first.get("ctx", {}).get("expected") or first.get("ctx", {}).get("error")
            given = "..." if first["loc"][0] in _HIDDEN else printable(str(first["input"]))
            raise SettingsError(
                f"{variable}={given} cannot be: it takes {expected or first['msg']}"
            ) from None

    @property
    def encoder_cache(self) -> Path:
        """Where the fetched encoder lies."""
        return self.encoder or self.home / "encoder"

    @property
    def models(self) -> Path:
        """Where the user's own artefacts lie."""
        return self.home / "models"

    @property
    def records(self) -> str:
        """Address of the database of the records."""
        return self.database or f"sqlite:///{self.home / 'records.sqlite3'}"

    @property
    def counter(self) -> str | None:
        """Where processes count together how often keys ask; None for each by itself."""
        return None if self.rates is None else self.rates.get_secret_value()

    @property
    def openid(self) -> OpenId | None:
        """By which service people sign in to the console; None for none.

        Raises:
            SettingsError: Only some of the three are set.
        """
        if self.oidc_issuer is None and self.oidc_client is None and self.oidc_secret is None:
            return None
        if self.oidc_issuer is None or self.oidc_client is None or self.oidc_secret is None:
            raise SettingsError(
                f"{PREFIX}OIDC_ISSUER, {PREFIX}OIDC_CLIENT and {PREFIX}OIDC_SECRET go together: set"
                " all, or none"
            )
        secret = self.oidc_secret.get_secret_value()
        return OpenId(self.oidc_issuer, self.oidc_client, secret, self.oidc_name, self.oidc_role)

    @property
    def webhook(self) -> tuple[str, tuple[str, ...]] | None:
        """Where messages are posted, and the secrets that sign them; None for nowhere.

        Raises:
            SettingsError: Only one of the two is set.
        """
        if (self.webhook_url is None) is not (self.webhook_secret is None):
            raise SettingsError(
                f"{PREFIX}WEBHOOK_URL and {PREFIX}WEBHOOK_SECRET go together: set both, or none"
            )
        if self.webhook_url is None or self.webhook_secret is None:
            return None
        return self.webhook_url, tuple(self.webhook_secret.get_secret_value().split())

    @property
    def links(self) -> tuple[str, str] | None:
        """Address of public pages, and the secret that signs links to them; None for no pages.

        Raises:
            SettingsError: Only one of the two is set.
        """
        if (self.public_url is None) is not (self.link_secret is None):
            raise SettingsError(
                f"{PREFIX}PUBLIC_URL and {PREFIX}LINK_SECRET go together: set both, or none"
            )
        if self.public_url is None or self.link_secret is None:
            return None
        return self.public_url, self.link_secret.get_secret_value()

    @property
    def searched(self) -> str:
        """Place of the index that the service searches, unless it is told another."""
        return self.index or str(self.home / "index")

    @property
    def labels(self) -> Path:
        """Where imported labels for training lie."""
        return self.home / "labels"

    @property
    def upload_features(self) -> "UploadFeatures":
        """Where the service keeps the features of uploads."""
        from models.feature_store.uploads import UploadFeatures  # only here: few need it

        most = int(self.features_gb * 1e9)
        return UploadFeatures(self.home / "uploads", self.features_days, most)

    @property
    def shadow(self) -> Path:
        """Where the service keeps what a challenger answers beside the model in use."""
        return self.home / "shadow"

    @property
    def anchors(self) -> Path:
        """Where the gate keeps what anchors answered."""
        return self.home / "anchors"

    @property
    def scans(self) -> Path:
        """Where scans lie that the service was asked for."""
        return self.home / "scans"

    @property
    def features(self) -> Path:
        """Where training keeps features."""
        return self.home / "features"


def traces_are_wanted() -> bool:
    """Whether OpenTelemetry's own variables name an endpoint for traces.

    What else they may say, its exporter reads itself.
    """
    names = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return any(os.environ.get(name) for name in names)


def keep_libraries_in(home: Path) -> None:
    """Have libraries write into the data folder what they would write elsewhere, and tell nobody.

    matplotlib lists the fonts of the machine once, torch makes a folder for compiled code, MLflow
    reports its use to its maker; all must be told before they are imported. MLflow also takes a
    folder only where that is asked for, since it prefers a database.

    Args:
        home: The data folder.
    """
    os.environ.setdefault("MPLCONFIGDIR", str(home / "matplotlib"))
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(home / "torch"))
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"


def keep_ray_quiet(*, alone: bool) -> None:
    """Have Ray, and all that it starts, tell nobody of its use; before it is imported.

    What else it says on standard error is for its developers.

    Args:
        alone: It is for this machine alone: all ports on loopback. By this variable Ray tells one
            machine from several, on any system.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    if alone:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")

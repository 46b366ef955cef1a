"""Settings from the environment, read once, typed and frozen.

A secret may stand in a file instead: ``NAME_FILE`` names it. What is safe only for trying things out refuses to start
with ``REWARDS_ENV=production`` and says which setting it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Environment = Literal["development", "test", "production"]

ENVIRONMENTS: tuple[Environment, ...] = ("development", "test", "production")
PORT_DEFAULT = 8000
PORT_MAX = 65_535
PROXIES_MAX = 10
SECRETS = (
    "REWARDS_DATABASE_URL",
    "REWARDS_SECRET_KEY",
    "REWARDS_KEYS",
    "REWARDS_MAIL_URL",
    "REWARDS_SMS_URL",
    "REWARDS_STRIPE_KEY",
    "REWARDS_STRIPE_WEBHOOK_SECRET",
)
SECRET_KEY_LENGTH_MIN = 32
DEFAULTS = {
    "REWARDS_HOME": "instance",
    "REWARDS_HOST": "127.0.0.1",
    "REWARDS_MAIL_URL": "outbox:",
    "REWARDS_SMS_URL": "outbox:",
    "REWARDS_MAIL_FROM": "rewards@localhost",
    "REWARDS_LOG_LEVEL": "INFO",
}
"""What stands for a setting that is not set, or blank, where that depends on no other setting."""


class SettingUnusable(Exception):
    """A setting has no usable value; the service must not start."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an installation runs.

    Attributes:
        home: database, keys, outgoing mail and uploads, unless a setting says otherwise.
        base_url: scheme and host that links in messages begin with, without a slash at the end.
        database_url: SQLAlchemy's notation; SQLite or ``postgresql+psycopg``.
        keys: the path of the key file, or its content.
        mail_url: ``outbox:`` (a folder of .eml files) or ``smtp://user:password@host:port``.
        sms_url: ``outbox:`` until a vendor is configured.
        mail_from: the address that messages come from; the name before it is the program's.
        trusted_proxies: how many reverse proxies in front add themselves to ``X-Forwarded-For``; none: it is not read.
        secret_key: signs Flask's own cookie; none: derived from the key file's signing key.
    """

    env: Environment
    home: Path
    host: str
    port: int
    base_url: str
    database_url: str = field(repr=False)
    keys: str = field(repr=False)
    mail_url: str = field(repr=False)
    sms_url: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    mail_from: str = "rewards@localhost"
    log_level: str = "INFO"
    trusted_proxies: int = 0


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that ``environ`` and the files it names describe.

    Raises:
        SettingUnusable: a value cannot be used, or is not safe in production.
    """
    given = {name: value for name, value in {**environ, **_from_files(environ)}.items() if value}
    values = {**DEFAULTS, **given}
    home = Path(values["REWARDS_HOME"]).resolve()
    host, port = values["REWARDS_HOST"], _port(values.get("REWARDS_PORT"))
    settings = Settings(
        env=_environment(values.get("REWARDS_ENV")),
        home=home,
        host=host,
        port=port,
        base_url=values.get("REWARDS_BASE_URL", f"http://{host}:{port}").rstrip("/"),
        database_url=_database_url(values.get("REWARDS_DATABASE_URL"), home=home),
        keys=values.get("REWARDS_KEYS", str(home / "keys.json")),
        mail_url=values["REWARDS_MAIL_URL"],
        sms_url=values["REWARDS_SMS_URL"],
        secret_key=values.get("REWARDS_SECRET_KEY"),
        mail_from=values["REWARDS_MAIL_FROM"],
        log_level=values["REWARDS_LOG_LEVEL"].upper(),
        trusted_proxies=_trusted_proxies(values.get("REWARDS_TRUSTED_PROXIES")),
    )
    if settings.env == "production":
        _require_safe(given, settings=settings)
    return settings


def _from_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that stand in files."""
    found = {}
    for name in SECRETS:
        path = environ.get(f"{name}_FILE")
        if not path:
            continue
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingUnusable(f"{name}_FILE names {path}, which cannot be read: {error}") from error
    return found


def _environment(text: str | None) -> Environment:
    """Return the environment named; development where none is."""
    for known in ENVIRONMENTS:
        if text == known:
            return known
    if text:
        raise SettingUnusable(f"REWARDS_ENV is {text!r}; use one of {', '.join(ENVIRONMENTS)}")
    return "development"


def _port(text: str | None) -> int:
    """Return the port to listen on."""
    if not text:
        return PORT_DEFAULT
    if not text.isdecimal() or not 0 < int(text) <= PORT_MAX:
        raise SettingUnusable(f"REWARDS_PORT is {text!r}; use a number from 1 to {PORT_MAX}")
    return int(text)


def _trusted_proxies(text: str | None) -> int:
    """Return how many proxies in front are believed; nobody where none is named."""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()) or int(text) > PROXIES_MAX:
        raise SettingUnusable(f"REWARDS_TRUSTED_PROXIES is {text!r}; use a number from 0 to {PROXIES_MAX}")
    return int(text)


def _database_url(text: str | None, *, home: Path) -> str:
    """Return the database in SQLAlchemy's notation, PostgreSQL by psycopg 3."""
    if not text:
        return f"sqlite:///{home / 'rewards.db'}"
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"sqlite", "postgresql", "postgres", "postgresql+psycopg"}:
        raise SettingUnusable("REWARDS_DATABASE_URL is neither sqlite:///… nor postgresql+psycopg://…")
    return text if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _require_safe(given: Mapping[str, str], *, settings: Settings) -> None:
    """Refuse what is only good for trying things out; ``given`` are the settings that are no defaults."""
    unsafe = [
        f"{name} is not set"
        for name in ("REWARDS_BASE_URL", "REWARDS_KEYS", "REWARDS_MAIL_URL", "REWARDS_SECRET_KEY")
        if name not in given
    ]
    if not settings.base_url.startswith("https://"):
        unsafe.append("REWARDS_BASE_URL is not https")
    if settings.secret_key is not None and len(settings.secret_key) < SECRET_KEY_LENGTH_MIN:
        unsafe.append(f"REWARDS_SECRET_KEY has fewer than {SECRET_KEY_LENGTH_MIN} characters")
    if unsafe:
        raise SettingUnusable(f"not safe in production: {'; '.join(unsafe)}")

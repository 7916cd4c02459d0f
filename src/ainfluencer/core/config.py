"""Settings. No other file reads the environment (an architecture test checks).

Order: environment `AINFLUENCER_*`, then `config.toml` in the data folder, then the default.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from ainfluencer.core.errors import InvalidInput

PREFIX = "AINFLUENCER_"


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its sentence; the reference page is drawn from this class."""

    data: Path = _setting(  # noqa: RUF009 - dataclasses.field with its sentence, not a shared default
        Path("~/.ainfluencer"), "Folder for the database, media, models, keys, logs and backups."
    )
    host: str = _setting("127.0.0.1", "Address to listen on. 0.0.0.0 lets other machines in: use HTTPS in front.")
    port: int = _setting(8000, "Port of the pages and the API.")
    database_url: str = _setting(
        "", "PostgreSQL as postgresql://user:password@host/name; empty means SQLite in the data folder."
    )
    public_url: str = _setting("", "The address under which people and platforms reach this instance, if it has one.")
    smtp_url: str = _setting(
        "",
        "Mail server for links to new passwords and proofs of addresses: smtp://user:password@host:587 or smtps://…:465; "
        "empty means that links are handed over by hand.",
    )
    mail_from: str = _setting(
        "", "Sender of mail, such as Studio <studio@example.org>; empty means the user of smtp_url."
    )
    media_url: str = _setting("", "fsspec URL for media, such as s3://bucket/prefix; empty means the data folder.")
    log_level: str = _setting("info", "debug, info, warning or error.")
    worker_id: str = _setting("", "Name of this worker; must be unique and stable among workers on one database.")
    text_threads: int = _setting(2, "CPU threads for the embedded text model.")
    text_idle_seconds: int = _setting(300, "The embedded text model leaves memory after this long without work.")
    upload_max_bytes: int = _setting(200_000_000, "Largest file that an upload may bring.")
    secure_cookies: bool = _setting(False, "Send the session cookie over HTTPS only; turn on behind HTTPS.")
    trusted_hosts: str = _setting("", "Extra host names under which pages are served, separated by commas.")
    trusted_proxies: str = _setting(
        "127.0.0.1",
        "Addresses or networks of reverse proxies whose word about the caller's address and HTTPS is taken, "
        "separated by commas.",
    )
    allow_private_urls: bool = _setting(
        False, "Let connections reach private addresses (a model server in your own network)."
    )
    bundle_folders: str = _setting(
        "",
        "Folders of this machine whose bundles of cards an owner may list in a page, separated as in PATH; "
        "each workspace's own folder bundles/<workspace> in the data folder always is.",
    )
    stage_url: str = _setting("", "Where the built-in local network is reached; empty means this instance itself.")
    late_minutes: int = _setting(30, "A post that is later than this is held for a person instead of sent.")
    settle_seconds: int = _setting(
        20,
        "How long after a lost answer a platform is asked whether the post is there; longer than its slowest answer.",
    )
    catch_up_seconds: int = _setting(60, "Posts that are late go out at least this far apart on one channel.")
    debug: bool = _setting(False, "Show technical details in error answers.")

    @property
    def is_sqlite(self) -> bool:
        """Whether the default, file-based database is in use."""
        return not self.database_url

    @property
    def url(self) -> str:
        """Where this instance is reached from this machine."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


def _coerce(name: str, kind: str, value: Any, source: str) -> Any:
    try:
        if kind == "Path":
            return Path(str(value)).expanduser().absolute()
        if kind == "int":
            return int(value)
        if kind == "bool":
            return value if isinstance(value, bool) else str(value).strip().lower() in {"1", "true", "yes", "on"}
        return str(value)
    except ValueError:
        raise InvalidInput(
            f"The setting {name} must be a number, but {source} says “{value}”.", f"Correct {source} and start again."
        ) from None


def load(**overrides: Any) -> Settings:
    """Read the settings anew; `overrides` (from command-line options) win, None means not given."""
    values: dict[str, Any] = {}
    kinds = {f.name: str(f.type) for f in fields(Settings)}
    data = overrides.get("data") or os.environ.get(PREFIX + "DATA") or Settings().data
    folder = Path(str(data)).expanduser().absolute()
    file = folder / "config.toml"
    if file.exists():
        try:
            stored = tomllib.loads(file.read_text("utf-8"))
        except tomllib.TOMLDecodeError as e:
            raise InvalidInput(f"{file} is not valid TOML: {e}", "Correct the file and start again.") from None
        for name, value in stored.items():
            if name in kinds:
                values[name] = _coerce(name, kinds[name], value, str(file))
    for name, kind in kinds.items():
        raw = os.environ.get(PREFIX + name.upper())
        if raw is not None and raw != "":
            values[name] = _coerce(name, kind, raw, PREFIX + name.upper())
    for name, value in overrides.items():
        if value is not None:
            values[name] = _coerce(name, kinds[name], value, f"--{name}")
    values["data"] = folder
    return Settings(**values)


@lru_cache(maxsize=1)
def _current() -> list[Settings]:
    return [load()]


def settings() -> Settings:
    """The settings of this process."""
    return _current()[0]


def use(new: Settings) -> Settings:
    """Replace the settings of this process (the command line and tests do)."""
    _current()[:] = [new]
    return new


def child_environment(extra: dict[str, str]) -> dict[str, str]:
    """The environment for a program that we start: ours, with `extra` (a password that must not stand in its arguments)."""
    return {**os.environ, **extra}

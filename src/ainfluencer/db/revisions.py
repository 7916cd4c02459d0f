"""Which migration the database is at, asked at every start without Alembic: that takes a tenth of a second to load."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from ainfluencer.core.config import Settings, settings
from ainfluencer.db.session import database_url

VERSIONS = Path(__file__).parent / "migrations" / "versions"
_NAMED = re.compile(r"""^(down_)?revision(?:: [^=]+)? = ["'](\w+)["']""", re.MULTILINE)


def newest(versions: Path = VERSIONS) -> str | None:
    """The revision that no other one follows; None for a folder without migrations."""
    named = [match.groups() for file in versions.glob("*.py") for match in _NAMED.finditer(file.read_text("utf-8"))]
    followed = {name for is_followed, name in named if is_followed}
    return next((name for is_followed, name in named if not is_followed and name not in followed), None)


def current(config: Settings | None = None) -> str | None:
    """The revision that the database is at; None for an empty one. Blocking."""
    config = config or settings()
    config.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(database_url(config).replace("+aiosqlite", ""))
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.scalar(text("select version_num from alembic_version"))
            return revision
    finally:
        engine.dispose()


def ensure_newest(config: Settings) -> None:
    """Bring the database up to date, if it is not (`migrate.upgrade`). Blocking."""
    found = current(config)
    if found is None or found != newest():
        from ainfluencer.db import migrate

        migrate.upgrade(config)

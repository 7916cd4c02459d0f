"""Run by Alembic for every command. `db.migrate` hands over the open connection; there is no other way in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from ainfluencer.db.base import Base, UtcDateTime, is_modelled
from ainfluencer.db.models import load_all


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    # A migration must not change when our own column types do, so it names what the database sees.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def _run(connection: Connection) -> None:
    load_all()
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        # A step that waits for a lock makes everyone behind it wait; better to fail and be started again.
        connection.exec_driver_sql("set lock_timeout = '10s'")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite or bool(context.config.attributes.get("revision")),
        render_item=_render,
        compare_type=True,
        include_object=is_modelled,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])

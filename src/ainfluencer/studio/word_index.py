"""The word index over titles and alt texts: FTS5 on SQLite, a GIN index on PostgreSQL. Kept by the database itself.

FTS rows carry the rowid of their asset, so that triggers find them at once. A table rebuilt by a batch migration gets
new rowids: such a migration must drop and refill `asset_words`.
"""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

from ainfluencer.db.base import DATABASE_KEPT

DATABASE_KEPT.update(("asset_words", "ix_assets_words"))

SQLITE = (
    "create virtual table if not exists asset_words using fts5(asset_id unindexed, words, tokenize='unicode61 remove_diacritics 2')",
    """create trigger if not exists asset_words_insert after insert on assets begin
       insert into asset_words(rowid, asset_id, words) values (new.rowid, new.id, new.title || ' ' || new.alt_text); end""",
    """create trigger if not exists asset_words_update after update of title, alt_text on assets begin
       delete from asset_words where rowid = old.rowid;
       insert into asset_words(rowid, asset_id, words) values (new.rowid, new.id, new.title || ' ' || new.alt_text); end""",
    """create trigger if not exists asset_words_delete after delete on assets begin
       delete from asset_words where rowid = old.rowid; end""",
)
POSTGRESQL = (
    "create index if not exists ix_assets_words on assets using gin (to_tsvector('simple', title || ' ' || alt_text))",
)


def attach(table: Table) -> None:
    """Make the index whenever the table is made."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call] # SQLAlchemy leaves it untyped
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))

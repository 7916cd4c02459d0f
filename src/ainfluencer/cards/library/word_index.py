"""The word index over cards: FTS5 on SQLite, a GIN index on PostgreSQL. Kept by the database itself.

The FTS table holds no text of its own: it reads `card_texts`. A migration that rebuilds that table must rebuild the index.
"""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

from ainfluencer.db.base import DATABASE_KEPT

DATABASE_KEPT.update(("card_words", "ix_card_texts_words"))

SQLITE = (
    "create virtual table if not exists card_words using fts5(words, beside, content='card_texts', content_rowid='rowid', tokenize='unicode61 remove_diacritics 2')",
    """create trigger if not exists card_words_insert after insert on card_texts begin
       insert into card_words(rowid, words, beside) values (new.rowid, new.words, new.beside); end""",
    """create trigger if not exists card_words_update after update of words, beside on card_texts begin
       insert into card_words(card_words, rowid, words, beside) values ('delete', old.rowid, old.words, old.beside);
       insert into card_words(rowid, words, beside) values (new.rowid, new.words, new.beside); end""",
    """create trigger if not exists card_words_delete after delete on card_texts begin
       insert into card_words(card_words, rowid, words, beside) values ('delete', old.rowid, old.words, old.beside); end""",
)
POSTGRESQL = (
    "create index if not exists ix_card_texts_words on card_texts using gin (to_tsvector('simple', words || ' ' || beside))",
)


def attach(table: Table) -> None:
    """Make the index whenever the table is made."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call] # SQLAlchemy leaves it untyped
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))

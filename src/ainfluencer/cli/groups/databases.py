"""`db`: migrations. Works without an instance."""

from __future__ import annotations

import typer

from ainfluencer.cli.output import note
from ainfluencer.core import config
from ainfluencer.core.errors import ProductError

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database up to date (starting does this by itself)."""
    from ainfluencer.db import migrate

    migrate.upgrade(config.settings())
    note("The database is up to date.")


@app.command()
def check() -> None:
    """Say whether tables and code agree."""
    from ainfluencer.db import migrate

    drift = migrate.check(config.settings())
    if drift:
        shown = "; ".join(line[:90] for line in drift[:5])
        raise ProductError(
            f"Tables and code differ in {len(drift)} places: {shown}", "Write a migration: ainfluencer db revision"
        )
    note("Tables and code agree.")


@app.command()
def revision(message: str) -> None:
    """Write a new migration from the difference (for developers)."""
    from ainfluencer.db import migrate

    note(str(migrate.revision(message)))

"""PostgreSQL's own programs (pg_dump, pg_restore, psql) on the configured database."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ainfluencer.core.config import Settings, child_environment
from ainfluencer.core.errors import InvalidInput, NotConnected


def access(config: Settings) -> tuple[str, dict[str, str]]:
    """The address of the database without its password, and the environment that brings the password.

    On the command line of a program every user of the machine could read it.
    """
    parts = urlsplit("postgresql://" + config.database_url.partition("://")[2])
    host = parts.netloc.rpartition("@")[2]
    user = quote(unquote(parts.username or ""), safe="")
    dsn = urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))
    return dsn, {"PGPASSWORD": unquote(parts.password)} if parts.password else {}


def run(config: Settings, command: list[str]) -> str:
    """Run a program on the configured database and answer what it printed; `NotConnected` with its words when it fails."""
    dsn, env = access(config)
    program = shutil.which(command[0])
    if not program:
        raise NotConnected(
            "postgresql", f"{command[0]} is not on the PATH.", "Install PostgreSQL's client programs and repeat."
        )
    done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
        [program, *command[1:], f"--dbname={dsn}"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env=child_environment(env),
    )
    if done.returncode:
        raise NotConnected(
            "postgresql",
            f"{command[0]} said: {' '.join(done.stderr.split())[-300:]}",
            "Check AINFLUENCER_DATABASE_URL, and that the client programs are not older than the server.",
        )
    return done.stdout


def script(dump: Path, target: Path) -> None:
    """Write a dump of pg_dump's own format as statements for psql; `InvalidInput` when it cannot be read."""
    program = shutil.which("pg_restore")
    if not program:
        raise NotConnected(
            "postgresql", "pg_restore is not on the PATH.", "Install PostgreSQL's client programs and repeat."
        )
    done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
        [program, "--no-owner", "--no-privileges", f"--file={target}", str(dump)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise InvalidInput(
            f"The database in the backup cannot be read: {' '.join(done.stderr.split())[-300:]}",
            "Choose another backup, or install client programs of PostgreSQL that are as new as those that made it. "
            "Nothing was changed.",
            code="backup_damaged",
        )


def ask(config: Settings, statement: str) -> str:
    """The one value that a statement answers, as text; '' when it has none."""
    return run(
        config, ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", f"--command={statement}"]
    ).strip()

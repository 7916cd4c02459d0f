"""The root of the command line: global options, groups, and how errors become exit codes.

Exit codes: 0 done, 1 refused with reason, 2 usage, 3 outside service, 130 cancelled.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from ainfluencer import __version__
from ainfluencer.cli import serving
from ainfluencer.cli.groups import (
    cards,
    channels,
    characters,
    databases,
    jobs,
    making,
    models,
    operations,
    people,
    posts,
    slots,
)
from ainfluencer.cli.output import fail
from ainfluencer.core import config
from ainfluencer.core.errors import OutsideError, ProductError
from ainfluencer.core.faults import fault_of

app = typer.Typer(
    name="ainfluencer",
    help="A self-hosted studio for virtual characters.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"ainfluencer {__version__}")
        raise typer.Exit


@app.callback()
def root(
    data: Annotated[Path | None, typer.Option(help="Data folder (default ~/.ainfluencer).")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Every verb works on one data folder."""
    del version
    config.use(config.load(data=data))


serving.register(app)
operations.register(app)
for name, group in (
    ("make", making.app),
    ("character", characters.app),
    ("card", cards.app),
    ("post", posts.app),
    ("slot", slots.app),
    ("channel", channels.app),
    ("job", jobs.app),
    ("person", people.app),
    ("models", models.app),
    ("db", databases.app),
):
    app.add_typer(group, name=name)


def main() -> None:
    """Entry point: runs the command and turns refusals into one clear message and an exit code."""
    try:
        app(standalone_mode=True)
    except OutsideError as error:
        fail(error.detail, error.next_step, code=3)
    except ProductError as error:
        fail(error.detail, error.next_step, code=1)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was done is kept.\n")
        sys.exit(130)
    except Exception as error:
        if (fault := fault_of(error)) is not None:
            fail(fault.detail, fault.next_step)
        # The edge of the command line: whatever nobody foresaw still ends in one sentence and the log's place.
        _record()
        if config.settings().debug:
            raise
        fail(
            f"Something broke on our side: {type(error).__name__}: {str(error)[:200]}",
            f"Look into {config.settings().data / 'runs'}, or set AINFLUENCER_DEBUG=true and repeat.",
        )


def _record() -> None:
    """Write the accident at hand into the log of this run, which begins here when nothing began it before."""
    import structlog  # noqa: PLC0415 - loaded for accidents only, as the log

    from ainfluencer.core import log  # noqa: PLC0415 - as above

    if not logging.getLogger().handlers:
        log.start_run(config.settings(), "cli")
    structlog.get_logger("cli").exception("command failed")

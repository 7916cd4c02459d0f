"""Options that many verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many to list.")]
Cursor = Annotated[str, typer.Option(help="Go on after this cursor (next_cursor of the page before).")]

"""The ledger of a batch: one line of JSON a file, written as soon as it is done, so that a killed run goes on after it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from ainfluencer.cards.batching.actions import Order
from ainfluencer.cards.errors import Reason
from ainfluencer.core.errors import Conflict, InvalidInput

_PASSING = {"not_writable", "not_readable", Reason.OUR_FAULT}  # refusals that another run may not meet


class Ledger:
    """Rows by file. A row counts only while its file still has the size and time that it had then.

    A refusal that lay with the machine or with us, such as a full disk, is tried again.
    """

    def __init__(self, path: Path, order: Order, *, is_fresh: bool) -> None:
        self.path = path
        self._order = {"batch": order.as_dict()}
        self._known: dict[str, dict[str, Any]] = {} if is_fresh else self._read()
        self._file: TextIO | None = None

    def _read(self) -> dict[str, dict[str, Any]]:
        if not self.path.exists():
            return {}
        rows = []
        for line in self.path.read_text("utf-8", "replace").splitlines():
            with contextlib.suppress(ValueError):  # the last line of a run that was killed may be cut
                rows.append(json.loads(line))
        if not rows or "batch" not in rows[0]:
            raise InvalidInput(f"“{self.path}” is not the ledger of a batch.", "Choose another --report.")
        if rows[0] != self._order:
            raise Conflict(
                f"“{self.path}” is the ledger of another batch: {rows[0]['batch']}.",
                "Choose another --report, or begin anew with --again.",
                code="other_batch",
            )
        return {row["file"]: row for row in rows[1:] if isinstance(row, dict) and "file" in row}

    def done(self, file: str) -> dict[str, Any] | None:
        """The row of a file that was done before and has not changed since."""
        row = self._known.get(file)
        if row is None or row.get("stamp") != stamp(file) or (row["error"] or {}).get("code") in _PASSING:
            return None
        return row

    def __enter__(self) -> Self:
        """Write what is known anew, without a cut end, and keep the file open."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part = self.path.with_name(self.path.name + ".part")
            rows = [self._order, *self._known.values()]
            part.write_text("".join(_line(row) for row in rows), "utf-8")
            part.replace(self.path)
            self._file = self.path.open("a", encoding="utf-8")
        except OSError as error:
            raise InvalidInput(
                f"“{self.path}” cannot be written: {error.strerror}.", "Choose another --report."
            ) from None
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Keep a row for good."""
        if self._file is not None:
            self._file.write(_line(row))
            self._file.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def stamp(file: str) -> list[int]:
    """Size and time of change; a file that is not there has none."""
    try:
        found = Path(file).stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=str) + "\n"

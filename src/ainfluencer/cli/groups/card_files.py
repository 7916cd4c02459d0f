"""Files of the `card` verbs: patterns and standard input in, whole files and standard output out, one result a file."""

from __future__ import annotations

import glob
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.saving import files
from ainfluencer.cli.groups.sources import read_source
from ainfluencer.cli.output import note, plain
from ainfluencer.core.errors import Conflict, InvalidInput, ProductError

Out = Annotated[str, typer.Argument(metavar="OUT", help="File to write, or - for standard output.")]
Outs = Annotated[
    str, typer.Argument(metavar="OUT", help="File to write, - for standard output, or a folder for several files.")
]
Ins = Annotated[
    str,
    typer.Argument(metavar="IN", help="Card file, - for standard input, or a quoted pattern such as 'cards/*.png'."),
]
Many = Annotated[list[str], typer.Argument(metavar="FILE...", help="Files or patterns such as cards/*.png, or -.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]


def expanded(patterns: Iterable[str]) -> list[str]:
    """The files that names and patterns mean; a name that exists is taken as it is, brackets and all."""
    out: list[str] = []
    for pattern in patterns:
        if pattern == "-" or Path(pattern).exists() or not glob.has_magic(pattern):
            out.append(pattern)
            continue
        found = sorted(one for one in glob.glob(pattern, recursive=True) if Path(one).is_file())  # noqa: PTH207 - also absolute patterns
        if not found:
            raise InvalidInput(f"No file fits “{pattern}”.", "Check the pattern.", code="no_such_file")
        out += found
    return list(dict.fromkeys(out))


def read(path: str) -> tuple[str, bytes]:
    """Name and bytes; `InvalidInput` when the file cannot be read."""
    name, data = read_source(path)
    return ("" if path == "-" else name), data


def once(*words: str) -> None:
    """Refuse a command that wants standard input for two things: the second would find it empty."""
    if words.count("-") + words.count("@-") > 1:
        raise typer.BadParameter("standard input (-) can be read once", param_hint="-")


def opened(path: str) -> OpenCard:
    """The card in a file."""
    name, data = read(path)
    return open_card(data, name)


class Outputs:
    """Where results go: a file, standard output for `-`, or a folder for several files. No result overwrites another one."""

    def __init__(self, out: str, *, dry_run: bool) -> None:
        self.out = out
        self.is_folder = out != "-" and (out.endswith(("/", "\\")) or Path(out).is_dir())
        self._dry_run = dry_run
        self._taken: set[str] = set()

    def name_for(self, file: str) -> str:
        """The name under which the result of a file is written, unless its kind asks for another ending."""
        return str(Path(self.out) / Path(file).name) if self.is_folder else self.out

    def write(self, name: str, data: bytes) -> None:
        """The whole file or nothing."""
        if name in self._taken:
            raise Conflict(
                f"Two files would become {name}.",
                "Give them different names, or run them one by one.",
                code="same_name",
            )
        self._taken.add(name)
        if self._dry_run:
            return
        if name == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        if self.is_folder:
            make_folder(Path(self.out))
        files.write(Path(name), data)


def make_folder(folder: Path) -> None:
    """The folder, made if it is not there; `InvalidInput` when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"“{folder}” cannot be made: {error.strerror}.", "Choose another place.") from None


def through(
    source: str,
    outputs: Outputs,
    work: Callable[[str], dict[str, Any]],
    line: Callable[[dict[str, Any]], str],
    *,
    as_json: bool,
) -> None:
    """One file to one file, or every file of a pattern into a folder; told as the results of `one` and `each` are."""
    if outputs.is_folder:
        each([source], work, line, as_json=as_json)
    else:
        one(source, lambda: work(_single(source, outputs.out)), as_json=as_json, out=outputs.out)


def _single(source: str, out: str) -> str:
    found = expanded([source])
    if len(found) > 1:
        raise InvalidInput(
            f"“{source}” means {len(found)} files, and “{out}” is one.",
            "Name a folder with a slash at its end, such as results/.",
            code="several_files",
        )
    return found[0]


def as_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON. A number that is too large for one is told by its digits."""
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(row), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def failure(file: str, error: ProductError) -> dict[str, Any]:
    """A refusal as one line of JSON."""
    told = {"code": error.reason, "detail": error.detail, "next_step": error.next_step}
    row: dict[str, Any] = {"file": file, "ok": False, "error": told}
    for name in ("losses", "clashes"):
        if listed := getattr(error, name, ()):
            row["conflicts" if name == "clashes" else name] = [item.as_dict() for item in listed]
    return row


def one(file: str, work: Callable[[], Mapping[str, Any]], *, as_json: bool, out: str = "") -> None:
    """Do one piece of work and tell its result; a refusal ends with exit code 1. With OUT on standard output, the result
    goes to standard error.
    """
    try:
        row = {"file": file, "ok": True, **work(), "error": None}
    except ProductError as error:
        if not as_json:
            raise
        row = failure(file, error)
    if as_json:
        tell(as_line(row), to_errors=out == "-")
    if not row["ok"]:
        raise typer.Exit(1)


def each(
    patterns: Iterable[str],
    work: Callable[[str], dict[str, Any]],
    line: Callable[[dict[str, Any]], str],
    *,
    as_json: bool,
    to_errors: bool = False,
) -> None:
    """Do the work for every file and tell each result; a broken file never stops the rest. Exit code 1 if any was refused."""
    refused = total = 0
    for file in expanded(patterns):
        try:
            row = {"file": file, "ok": True, **work(file), "error": None}
        except ProductError as error:
            row = failure(file, error)
        total += 1
        refused += not row["ok"]
        failed = plain(f"✗ {file}: {row['error']['detail']}") if row["error"] else ""
        tell(as_line(row) if as_json else failed or line(row), to_errors=to_errors)
    if total > 1 and not as_json:
        note(f"{total} files, {refused} refused.")
    if refused:
        raise typer.Exit(1)


def tell(text: str, *, to_errors: bool = False) -> None:
    """One line for people or scripts, in UTF-8 whatever the terminal says."""
    stream = sys.stderr if to_errors else sys.stdout
    stream.buffer.write((text + "\n").encode("utf-8", "replace"))
    stream.flush()


def pair(change: str) -> tuple[str, str]:
    """FIELD=VALUE as its two parts."""
    field, sign, value = change.partition("=")
    if not sign or not field.strip():
        raise typer.BadParameter(f"“{change[:60]}” has no field=value", param_hint="FIELD=VALUE")
    return field.strip(), value


def typed(value: str) -> str:
    """A value as typed; @file reads it from a file, - from standard input, @@ stands for one @."""
    if value == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if value.startswith("@@"):
        return value[1:]
    if value.startswith("@") and len(value) > 1:
        _, data = read(value[1:])
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidInput(f"“{value[1:]}” is not UTF-8 text.", "Save it as UTF-8.") from None
    return value

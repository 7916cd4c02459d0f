"""The rules of the house that a syntax tree can show. Each takes a file and yields what it objects to."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.architecture.source import Finding, SourceFile, slugs

TECHNICAL = {"core", "db", "integrations", "web", "api", "engine"}
WIRING = {"main", "worker", "cli", "home", "__main__"}
ROOMS = {"service", "queries", "schemas", "events", "models", "errors"}
DOORS: dict[str, set[str]] = {
    "accounts": {"registry"},
    "library": {"fitting"},
    "media": {"storage", "provenance", "probe", "thumbnails"},
    "operations": {"access", "doctor", "logs", "packs", "services"},
    "makers": {"registry"},
    "channels": {"registry", "visits"},
    "characters": {"changes", "adult_words"},
    "quality": {"checks", "drawing"},
    "studio": {"search"},
    "writing": {"banks", "cutting", "dialogue", "first_person", "free", "roleplay", "safety"},
}
"""Rooms beyond the usual that a module opens to those above it."""

EDGES = {
    "src/ainfluencer/web/errors.py": "a page that fails shows the error page",
    "src/ainfluencer/api/middleware.py": "an API call that fails answers with a problem",
    "src/ainfluencer/api/errors.py": "an API call that fails answers with a problem",
    "src/ainfluencer/engine/executing.py": "a job or a round that fails is recorded, and the others go on",
    "src/ainfluencer/cli": "a command that fails says so and has an exit code",
}
"""The three edges (web, job runner, command line): the only places that may catch everything."""

GENERIC = {"stage", "matrix", "poster", "embedded", "webhook", "mail"}
"""Slugs that are also plain words: only a string that is nothing but the slug counts."""

FORBIDDEN_NAMES = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "manager",
    "managers",
    "handler",
    "handlers",
    "base2",
    "stuff",
}
CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime"),
}  # fmt: skip

Rule = Callable[[SourceFile], Iterator[Finding]]


@dataclass(frozen=True)
class Checked:
    """A rule, and samples that prove it: `bad` must be objected to, `good` must not."""

    rule: Rule
    bad: tuple[str, ...]
    good: tuple[str, ...]
    path: str = "src/ainfluencer/media/service.py"

    @property
    def name(self) -> str:
        """As it stands in exceptions.toml."""
        return self.rule.__name__


def docstring(file: SourceFile) -> Iterator[Finding]:
    """A file says in one to three lines what it holds; an empty file need not."""
    text = ast.get_docstring(file.tree)
    if not file.tree.body:
        return
    if not text:
        yield Finding(1, "the file does not say what it holds")
    elif len([line for line in text.splitlines() if line.strip()]) > 3:
        yield Finding(1, "the docstring of the file is longer than three lines")


def file_name(file: SourceFile) -> Iterator[Finding]:
    """A name that says nothing hides where things are."""
    for part in file.parts:
        if {part, *part.split("_")} & FORBIDDEN_NAMES:
            yield Finding(1, f"the name {part} says nothing")


def environment(file: SourceFile) -> Iterator[Finding]:
    """Settings come from core.config only."""
    for node in ast.walk(file.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"environ", "getenv", "putenv"}
            and _name(node.value) == "os"
        ):
            yield Finding(node.lineno, f"os.{node.attr} outside core.config")


def broad_except(file: SourceFile) -> Iterator[Finding]:
    """Only the edges catch everything. Catching to clean up and raising again is allowed."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node):
            yield Finding(node.lineno, "catches everything outside the three edges")
        if isinstance(node, ast.Call) and _name(node.func) == "suppress" and any(_is_broad(word) for word in node.args):
            yield Finding(node.lineno, "suppresses everything")


def clock(file: SourceFile) -> Iterator[Finding]:
    """The present is asked of core.clock only. `time.monotonic` measures and is no clock."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = (_name(node.func.value), node.func.attr)
            if asked in CLOCKS and not (asked[1] in {"localtime", "gmtime", "ctime"} and node.args):
                yield Finding(node.lineno, f"{asked[0]}.{asked[1]}() outside core.clock")


def commit(file: SourceFile) -> Iterator[Finding]:
    """The edge commits: one transaction per request or step. It alone may give up: a page that shows a refused form again."""
    ends = {"commit"} if {"pages", "api"} & set(file.parts) else {"commit", "rollback"}
    for node in ast.walk(file.tree):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ends) and _name(
            node.func.value
        ) != "savepoint":
            yield Finding(node.lineno, f"calls {node.func.attr}()")


def scoped(file: SourceFile) -> Iterator[Finding]:
    """A question to the database is asked by an actor, so that no workspace sees another."""
    for node in file.functions():
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        if "session" in names and "actor" not in names and not node.name.startswith("_"):
            yield Finding(node.lineno, f"{node.name}() asks without an actor")


def lazy_relation(file: SourceFile) -> Iterator[Finding]:
    """A relation that loads by itself hides a query."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and _name(node.func) == "relationship":
            lazy = [word.value for word in node.keywords if word.arg == "lazy"]
            if not any(isinstance(value, ast.Constant) and value.value in {"raise", "write_only"} for value in lazy):
                yield Finding(node.lineno, 'relationship() without lazy="raise"')


def slug(file: SourceFile) -> Iterator[Finding]:
    """What belongs to one adapter stays in its folder."""
    others = [name for name in slugs() if name not in file.parts and not (name in GENERIC and "adapters" in file.parts)]
    for node in _strings(file.tree):
        for name in others:
            if node.value == name or (
                name not in GENERIC and re.search(rf"(?<![\w./-]){name}(?![\w./-])", str(node.value))
            ):
                yield Finding(node.lineno, f"the slug “{name}” outside its folder")


def room(file: SourceFile) -> Iterator[Finding]:
    """A module is entered through its doors, not through its windows."""
    if file.module in WIRING:
        return
    statements = (node for node in ast.walk(file.tree) if isinstance(node, ast.Import | ast.ImportFrom))
    for node in statements:
        for target in _imported(node):
            owner, _, inner = target.removeprefix("ainfluencer.").partition(".")
            door = inner.split(".")[0]
            if owner == file.module or owner in TECHNICAL or owner in WIRING or not door:
                continue
            if door not in ROOMS | DOORS.get(owner, set()):
                yield Finding(node.lineno, f"imports {owner}.{door}, which is not a door of {owner}")


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.startswith("ainfluencer."))
    elif (node.module or "").startswith("ainfluencer."):
        deep = (node.module or "").count(".") > 1
        yield from [node.module or ""] if deep else [f"{node.module}.{alias.name}" for alias in node.names]


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_broad(node: ast.AST | None) -> bool:
    if isinstance(node, ast.Tuple):
        return any(_is_broad(one) for one in node.elts)
    return node is None or _name(node) in {"Exception", "BaseException"}


def _raises_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and (last.exc is None or _name(last.exc) == node.name)


def _strings(tree: ast.Module) -> Iterator[ast.Constant]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


_SAY = '"""Says what it holds."""\n'
RULES = (
    Checked(docstring, ("x = 1", '"""a\nb\nc\nd\n"""\n'), ("", '"""One line."""\nx = 1')),
    Checked(file_name, (_SAY,), (), path="src/ainfluencer/media/image_utils.py"),
    Checked(environment, ("import os\nos.environ['A']", "import os\nos.getenv('A')"), ("config.environ",)),
    Checked(
        broad_except,
        ("try:\n  f()\nexcept Exception:\n  pass", "try:\n  f()\nexcept:\n  pass", "with suppress(Exception):\n  f()"),
        ("try:\n  f()\nexcept BaseException:\n  undo()\n  raise", "try:\n  f()\nexcept (OSError, ValueError):\n  pass"),
    ),
    Checked(
        clock,
        ("datetime.now(UTC)", "time.time()", "dt.date.today()"),
        ("time.monotonic()", "clock.now()", "time.gmtime(3)"),
    ),
    Checked(
        commit, ("async def f(session):\n  await session.commit()",), ("session.flush()", "await savepoint.rollback()")
    ),
    Checked(
        scoped,
        ("async def get(session, post_id): ...",),
        ("async def get(session, actor, post_id): ...", "def _page(session): ...", "def words(text): ..."),
        path="src/ainfluencer/media/queries.py",
    ),
    Checked(
        lazy_relation,
        ("posts = relationship(back_populates='x')",),
        ("posts = relationship(lazy='raise')",),
        path="src/ainfluencer/media/models.py",
    ),
    Checked(
        slug, ("if platform == 'stage': ...", "x = 'ask the ollama server'"), ("'the stage is set'", "'/stage/api'")
    ),
    Checked(
        room,
        ("from ainfluencer.characters.validation import check", "from ainfluencer.makers import storage"),
        (
            "from ainfluencer.characters.service import create",
            "from ainfluencer.media.probe import look",
            "from ainfluencer.core import x",
        ),
    ),
)
WHERE: dict[str, tuple[str, ...]] = {"docstring": ("src", "tools", "tests"), "file_name": ("src", "tools")}
"""Folders in which a rule holds, where it is not the package alone."""
ALLOWED: dict[str, tuple[str, ...]] = {
    "environment": ("src/ainfluencer/core/config.py",),
    "clock": ("src/ainfluencer/core/clock.py",),
    "commit": ("src/ainfluencer/db",),
    "broad_except": tuple(EDGES),
}
"""Where a rule does not hold because that place exists for the purpose."""
ONLY: dict[str, tuple[str, ...]] = {"scoped": ("queries",), "lazy_relation": ("models",)}
"""Rooms in which a rule holds, where it is not all."""

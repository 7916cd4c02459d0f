"""Draws docs/reference/ from the code itself: settings, errors, commands, routes, adapters. `--check` compares only.

A page that is not what the code says fails the check; write all pages anew with `python -m tools.tasks docs`.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from tools.card_codes import card_codes
from tools.tables import table

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
HEAD = "<!-- Drawn by `python -m tools.tasks docs`. Change the source that is named below, not this page. -->\n"


def _sentence(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


# -- settings --


def settings() -> str:
    """Every setting of core.config."""
    from ainfluencer.core.config import PREFIX, Settings  # noqa: PLC0415 - each page loads only what it draws

    rows = [
        (f"`{field.name}`", f"`{PREFIX}{field.name.upper()}`", _default(field.default), field.metadata["sentence"])
        for field in fields(Settings)
    ]
    return (
        "# Settings\n\nSource: `src/ainfluencer/core/config.py`. Order: a command-line option, then the environment variable, then the name in\n"
        "`config.toml` in the data folder, then the default.\n\n"
        + table(("Name", "Variable", "Default", "What it does"), rows)
    )


def _default(value: object) -> str:
    text = (
        value.as_posix() if isinstance(value, Path) else str(value).lower() if isinstance(value, bool) else str(value)
    )
    return f"`{text}`" if text else "empty"


# -- errors --


def errors() -> str:
    """Every error of core.errors and of the modules, and the faults of the machine, with code and next step."""
    from ainfluencer.core import errors as core  # noqa: PLC0415 - as above
    from ainfluencer.core import faults  # noqa: PLC0415 - as above

    for path in sorted((ROOT / "src" / "ainfluencer").glob("*/errors.py")):
        if path.parent.name not in {"core", "api", "web"}:
            importlib.import_module(f"ainfluencer.{path.parent.name}.errors")
    rows = [
        (f"`{error.code}`", error.status, f"`{error.__name__}`", _sentence(error), error.default_next_step)
        for error in _family(core.ProductError)
    ]
    known = [
        (f"`{one.code}`", one.status, one.detail, one.next_step)
        for one in vars(faults).values()
        if isinstance(one, faults.Fault)
    ]
    return (
        "# Errors\n\nSource: `src/ainfluencer/core/errors.py` and the `errors.py` of the modules. Page, API and command line show the same\n"
        "detail and the same next step; the API sends them as `application/problem+json` with `code`, `detail` and `next_step`.\n\n"
        + table(("Code", "Status", "Class", "Means", "Usual next step"), rows)
        + "\n## Faults of the machine\n\nSource: `src/ainfluencer/core/faults.py`. Nothing was saved; jobs wait and try again by themselves.\n\n"
        + table(("Code", "Status", "Means", "Next step"), known)
    )  # fmt: skip


def _family(error: Any) -> Iterator[Any]:
    yield error
    for child in sorted(error.__subclasses__(), key=lambda one: (one.__module__ != error.__module__, one.__name__)):
        yield from _family(child)


# -- commands --


def cli() -> str:
    """Every command of the command line with its options."""
    import typer.main  # noqa: PLC0415 - as above

    from ainfluencer.cli import app  # noqa: PLC0415 - as above

    root = typer.main.get_command(app)
    return (
        "# Commands\n\nSource: `src/ainfluencer/cli/`. In a checkout, `python launch.py WORDS` stands for `ainfluencer WORDS`.\n"
        "Exit codes: 0 done, 1 refused with a reason, 2 usage, 3 outside service, 130 cancelled.\n\n"
        "## ainfluencer\n\n" + _parameters(root) + "".join(_command("ainfluencer", root))
    )


def _command(path: str, command: Any) -> Iterator[str]:
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        if inner.hidden:
            continue
        if not getattr(inner, "commands", None):
            words = " ".join(one.name.upper() for one in inner.params if one.param_type_name == "argument")
            yield f"\n## {f'{path} {name} {words}'.strip()}\n\n{_sentence_of(inner)}\n\n{_parameters(inner)}"
        yield from _command(f"{path} {name}", inner)


def _sentence_of(command: Any) -> str:
    return " ".join(str(command.help or "").split())


def _parameters(command: Any) -> str:
    rows = [
        (
            " ".join(f"`{word}`" for word in (*one.opts, *one.secondary_opts))
            if one.param_type_name == "option"
            else f"`{one.name.upper()}`",
            one.help or "",
        )
        for one in command.params
        if one.name not in {"help", "install_completion", "show_completion"} and not getattr(one, "hidden", False)
    ]
    return table(("Parameter", "Meaning"), rows) if rows else ""


# -- routes --


def routes() -> str:
    """Every route of the API."""
    from ainfluencer.main import create_app  # noqa: PLC0415 - as above

    document = create_app().openapi()
    rows = [
        (
            method.upper(),
            f"`{path}`",
            ", ".join(operation.get("tags", [])),
            (operation.get("description") or operation.get("summary", "")).split("\n\n")[0],
        )
        for path, operations in sorted(document["paths"].items())
        for method, operation in operations.items()
        if path.startswith(("/api/", "/stage/api"))
    ]
    return (
        "# Routes of the API\n\nSource: the `api.py` of the modules. The whole description in OpenAPI 3.1 is served at `/api/v2/openapi.json`.\n\n"
        + table(("Method", "Path", "Group", "What it does"), rows)
    )  # fmt: skip


# -- adapters --


def adapters() -> str:
    """Every maker and channel with what its manifest declares."""
    from ainfluencer.integrations.registry import manifests  # noqa: PLC0415 - as above

    parts = [
        "# Makers and channels\n\nSource: the `MANIFEST` of each adapter's folder. A declared capability is an implemented one; a test compares them.\n"
    ]
    for title, package in (("Makers", "ainfluencer.makers.adapters"), ("Channels", "ainfluencer.channels.adapters")):
        rows = [
            (
                one.title,
                f"`{one.slug}`",
                one.access.value,
                one.login.value,
                ", ".join(sorted(c.value for c in one.capabilities)),
                one.summary,
            )
            for one in manifests(package).values()
        ]
        parts.append(
            f"\n## {title}\n\n" + table(("Title", "Slug", "Access", "Login", "Capabilities", "What it is"), rows)
        )
    parts.append(_platform_rules())
    return "".join(parts)


def _platform_rules() -> str:
    """What composer, schedule, deliveries and API obey on each platform, with its source and the day of reading."""
    from ainfluencer.integrations.registry import manifests  # noqa: PLC0415 - as above

    paces, rules = [], []
    for one in manifests("ainfluencer.channels.adapters").values():
        limits = one.limits
        days, apart = limits.posts_per_day, limits.spacing_seconds
        paces.append(
            (
                one.title,
                f"{days:,}" if days else "not stated",
                f"{apart} s" if apart else "not stated",
                one.checked or "",
            )
        )
        rules += [
            (one.title, rule.action.value, "yes" if rule.allowed else "no", rule.sentence, rule.source, rule.checked)
            for rule in one.rules
        ]
    return (
        "\n## How often\n\nA person may set a slower pace for each channel. A day is a day where its character lives.\n\n"
        + table(("Channel", "Posts a day", "Between two posts", "Read on"), paces)
        + "\n## Rules of the platforms\n\nWhat is not named there is not done.\n\n"
        + table(("Channel", "Action", "Allowed", "Rule", "Source", "Read on"), rules)
    )


PAGES: dict[str, Callable[[], str]] = {
    "settings": settings,
    "errors": errors,
    "cli": cli,
    "routes": routes,
    "adapters": adapters,
    "card-codes": card_codes,
}


def main(words: list[str]) -> int:
    """Write the pages, or with `--check` only compare; 1 when a page is stale or cannot be drawn."""
    is_check = "--check" in words
    wrong = []
    for name, draw in PAGES.items():
        path = REFERENCE / f"{name}.md"
        try:
            page = HEAD + "\n" + draw()
        except (
            ImportError,
            AttributeError,
        ) as e:  # a module that does not load has said why elsewhere; the other pages go on
            wrong.append(f"{path.name} cannot be drawn: {e!r}")
            continue
        if is_check and (not path.exists() or path.read_text("utf-8") != page):
            wrong.append(f"{path.name} is not what the code says: python -m tools.tasks docs")
        if not is_check:
            REFERENCE.mkdir(parents=True, exist_ok=True)
            path.write_text(page, "utf-8", newline="\n")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Finds every route of the application, fills in its path and body, and reads what comes back: pages as elements."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from ainfluencer import main
from ainfluencer.db.base import DATABASE_KEPT
from tests.support.seeding import picture
from tests.support.streams import opened

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


# -- routes --


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    regex: re.Pattern[str] = field(compare=False, repr=False)
    query: tuple[str, ...] = field(default=(), compare=False)
    form: tuple[str, ...] = field(default=(), compare=False)

    @property
    def kind(self) -> str:
        """api, own (an API with tokens of its own) or page."""
        if self.path.startswith("/api/"):
            return "api"
        return "own" if "/api/" in self.path else "page"

    @property
    def section(self) -> str:
        """The first word of the path, below the API's own."""
        return self.path.removeprefix("/api/v2").strip("/").split("/")[0]

    @property
    def parameters(self) -> list[str]:
        """Names in the path."""
        return re.findall(r"{(\w+)(?::\w+)?}", self.path)

    def fill(self, ids: Mapping[str, str]) -> str:
        """The address with these values; "x" what nobody seeded.

        "stage.post_id" is the post_id below /stage, "cards.exports.job_id" the job_id right below /cards/exports.
        """
        section = self.section

        def value(found: re.Match[str]) -> str:
            name, above = found.group(1), self.path[: found.start()].rstrip("/").rpartition("/")[2]
            return ids.get(f"{section}.{above}.{name}") or ids.get(f"{section}.{name}") or ids.get(name) or "x"

        return re.sub(r"{(\w+)(?::\w+)?}", value, self.path)

    def ask(self, ids: Mapping[str, str]) -> dict[str, str]:
        """Values for the parameters in the query that have a name we know."""
        section = self.section
        found = {name: ids.get(f"{section}.{name}") or ids.get(name, "") for name in self.query}
        return {name: value for name, value in found.items() if value}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def routes() -> tuple[Route, ...]:
    """Every route of every module."""
    found = (one for router in main.routers() for one in _walk(router, ""))
    return tuple(sorted(set(found), key=lambda one: (one.path, one.method)))


def _walk(router: APIRouter, prefix: str) -> Iterator[Route]:
    for one in router.routes:
        inner = getattr(one, "original_router", None)
        if inner is not None:
            yield from _walk(inner, prefix + str(getattr(one, "include_context").prefix))  # noqa: B009 - FastAPI's own
        elif isinstance(one, APIRoute):
            regex = re.compile(one.path_regex.pattern.replace("^", f"^{prefix}", 1)) if prefix else one.path_regex
            query = tuple(param.alias for param in one.dependant.query_params)
            form = tuple(param.alias for param in one.dependant.body_params)
            for method in sorted((one.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(method, prefix + one.path, regex, query, form)


def known(path: str, method: str = "GET") -> bool:
    """Whether an address of this site leads to a route."""
    return any(one.method == method and one.regex.match(path) for one in routes())


# -- bodies --


def bodies(app: FastAPI, ids: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """By "METHOD path": what httpx shall send so that the request looks plausible, from the API's own description."""
    description = app.openapi()
    parts = description.get("components", {}).get("schemas", {})
    made: dict[str, dict[str, Any]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                body = Example(parts, ids)(content["application/json"]["schema"], "")
                made[f"{method.upper()} {path}"] = {"json": body}
            elif "multipart/form-data" in content:
                schema = Example(parts, ids).resolve(content["multipart/form-data"]["schema"])
                names = [n for n, s in schema["properties"].items() if "binary" in str(s) or "octet" in str(s)]
                made[f"{method.upper()} {path}"] = {"files": dict.fromkeys(names, _file(path))}
    return made


def _file(path: str) -> tuple[str, bytes]:
    if "assets" in path or "quality" in path or "picture" in path:
        return "sea.png", picture(99, (700, 900))
    return "mira.yaml", b"name: Mira Vale\nabout: A 29-year-old ceramicist who lives by the harbour.\n"


class Example:
    """A value that fits a JSON schema, with ids put where their names stand."""

    def __init__(self, parts: Mapping[str, Any], ids: Mapping[str, str]) -> None:
        self.parts, self.ids = parts, ids

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a reference."""
        while "$ref" in schema:
            schema = self.parts[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def __call__(self, schema: Mapping[str, Any], name: str, *, depth: int = 0) -> Any:
        """The value for a field of that name."""
        schema = self.resolve(schema)
        if (named := self._named(name, schema)) is not None:
            return named
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self(schema[key][0], name, depth=depth + 1)
        for key in ("const", "default"):
            if schema.get(key) not in (None, "", [], {}):
                return schema[key]
        if "enum" in schema:
            return schema["enum"][0]
        return self._typed(schema, name, depth)

    def _named(self, name: str, schema: Mapping[str, Any]) -> Any:
        if name in self.ids:
            return self.ids[name]
        if name.endswith("file_id"):
            return self.ids.get("file_id")
        one = {"ids": "post_id"}.get(name, name.removesuffix("s"))
        if name.endswith("ids") and one in self.ids and schema.get("type") == "array":
            return [self.ids[one]]
        return None

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type", "object")
        if kind == "object":
            wanted = schema.get("properties", {})
            return {key: self(one, key, depth=depth + 1) for key, one in wanted.items() if depth < 6}
        if kind == "array":
            return [self(schema.get("items", {"type": "string"}), name.removesuffix("s"), depth=depth + 1)]
        if kind in {"integer", "number"}:
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        if kind == "boolean":
            return False
        return None if kind == "null" else self._text(schema, name)

    @staticmethod
    def _text(schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") == "date-time":
            return "2031-05-04T10:00:00Z"
        if schema.get("format") == "date":
            return "2031-05-04"
        special = {
            "email": "new@example.org",
            "timezone": "Europe/Lisbon",
            "language": "en",
            "scopes": "read",
            "template": "",
            "maker": "",
        }
        special |= {"platform": "stage", "role": "viewer"}
        return str(special.get(name, f"A plausible {name}".ljust(int(schema.get("minLength", 0)), "."))[:200])


# -- pages --

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


@dataclass(slots=True)
class Element:
    """A tag with its attributes, the forms and labels that it stands in, and the text below it."""

    tag: str
    attributes: dict[str, str]
    above: tuple[Element, ...] = ()
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute, or nothing."""
        return self.attributes.get(name, "")

    def inside(self, tag: str) -> Element | None:
        """The nearest element of that tag around this one."""
        return next((one for one in reversed(self.above) if one.tag == tag), None)


class Page(HTMLParser):
    """The elements of an HTML text, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def all(self, *tags: str) -> list[Element]:
        """Elements of these tags, outside of <template>."""
        return [one for one in self.elements if one.tag in tags and not one.inside("template")]

    def ids(self) -> set[str]:
        """Every id."""
        return {one.get("id") for one in self.elements} - {""}


def local(url: str) -> str:
    """The path of an address of this site; nothing for another site, a fragment, a mail address or data."""
    parts = urlsplit(url)
    return parts.path if url.startswith("/") and not parts.netloc else ""


# -- what is in the database --


def rows(data: Path, *, skip: Iterable[str] = ()) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of every table of a SQLite data folder."""
    left_out, own = set(skip), ("sqlite_", *DATABASE_KEPT)
    with closing(sqlite3.connect(data / "ainfluencer.db")) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table' and sql not like '%VIRTUAL%'")
        tables = [name for (name,) in names if name not in left_out and not name.startswith(own)]
        return {name: set(connection.execute(f'select * from "{name}"')) for name in sorted(tables)}


def changes(before: Mapping[str, set[tuple[Any, ...]]], after: Mapping[str, set[tuple[Any, ...]]]) -> dict[str, Any]:
    """By table: the rows that were lost or changed, and how many came."""
    found = {}
    for table, rows_before in before.items():
        gone, new = rows_before - after[table], after[table] - rows_before
        if gone or new:
            found[table] = (sorted(map(str, gone))[:2], sorted(map(str, new))[:2])
    return found


# -- streams --


async def listen(app: FastAPI, url: str, headers: Mapping[str, str], then: Callable[[], Awaitable[None]]) -> str:
    """Open an endless stream, do something once it stands, and return what came through it."""
    async with opened(app, url, headers) as stream:
        await asyncio.sleep(0.05)
        await then()
        await asyncio.sleep(0.05)
        return stream.text


async def harvest(client: httpx.AsyncClient, ids: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By "POST path": what the forms of all pages would send, as they were drawn for this client."""
    found: dict[str, dict[str, str]] = {}
    for route in routes():
        if route.method != "GET" or route.kind != "page" or route.path == "/live":
            continue
        answer = await client.get(route.fill(ids), params=route.ask(ids))
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        page = Page(answer.text)
        for form in page.all("form"):
            target = local(form.get("action") or form.get("hx-post"))
            for to in routes():
                if target and to.method == "POST" and to.regex.match(target):
                    found.setdefault(str(to), {}).update(_fields(page, form))
    return found


def _fields(page: Page, form: Element) -> dict[str, str]:
    """What the form would send as it stands; fields that a person must fill are left to their names."""
    inside = [one for one in page.elements if form in one.above]
    found: dict[str, str] = {}
    for one in inside:
        kind = one.get("type")
        if one.tag == "select":
            choices = [inner for inner in inside if inner.tag == "option" and one in inner.above]
            taken = next((inner for inner in choices if "selected" in inner.attributes), choices[0] if choices else one)
            found[one.get("name")] = taken.get("value")
        elif kind in {"radio", "checkbox"}:
            if "checked" in one.attributes or one.get("name") not in found:
                found[one.get("name")] = one.get("value")
        elif one.tag in {"input", "textarea", "button"} and kind != "file" and (one.get("value") or one.text.strip()):
            found[one.get("name")] = one.get("value") or one.text.strip()
    return {name: value for name, value in found.items() if name and name != "csrf"}

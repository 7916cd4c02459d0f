"""Recorded replies of a service, played back in the order and under the paths of the recording."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.platforms.server import Answer, Asked, LocalServer


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as `METHOD /path` and the reply to it; `effect` marks the request that creates something."""

    ask: str
    reply: Answer
    effect: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One recording: which adapter method is called, what the service says, what must come of it."""

    name: str
    call: str
    exchanges: tuple[Exchange, ...]
    outcome: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)


def read_samples(folder: Path) -> dict[str, Sample]:
    """Every `samples/<name>.json` of an adapter folder, but not `link.json`."""
    found = {}
    for path in sorted(folder.glob("samples/*.json")):
        if path.stem != "link":
            raw = json.loads(path.read_text("utf-8"))
            exchanges = tuple(_exchange(e) for e in raw["exchanges"])
            found[path.stem] = Sample(path.stem, raw["call"], exchanges, raw["outcome"], raw.get("arguments", {}))
    return found


def _exchange(raw: Mapping[str, Any]) -> Exchange:
    body = json.dumps(raw["json"]).encode() if "json" in raw else raw.get("text", "").encode()
    headers = {"Content-Type": "application/json" if "json" in raw else "text/plain", **raw.get("headers", {})}
    if raw.get("lost"):
        return Exchange(raw["ask"], Answer(drop=True), raw.get("effect", False))
    return Exchange(raw["ask"], Answer(raw.get("status", 200), body, headers), raw.get("effect", False))


class Playback(LocalServer):
    """Plays exchanges back: the first unused one with the asked method and path, then the last used one again."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        super().__init__(self._play)
        self.exchanges = exchanges
        self.unexpected: list[str] = []
        self._used: set[int] = set()

    def _play(self, asked: Asked) -> Answer:
        wanted = {f"{asked.method} {asked.path}", f"{asked.method} {quote(asked.path, safe='/')}"}
        fitting = [n for n, exchange in enumerate(self.exchanges) if exchange.ask in wanted]
        if not fitting:
            self.unexpected.append(f"{asked.method} {asked.path}")
            return Answer(404, b'{"error": "not in the recording"}', {"Content-Type": "application/json"})
        chosen = next((n for n in fitting if n not in self._used), fitting[-1])
        self._used.add(chosen)
        return self.exchanges[chosen].reply

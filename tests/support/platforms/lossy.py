"""Stands between the product and a real server and loses answers: what happened there stays, nobody hears of it."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import quote

from tests.support.platforms.server import LOST, Answer, Asked, LocalServer


class Lossy(LocalServer):
    """Passes everything on to `target`; the answer to the next request whose path contains `lose` never comes back."""

    def __init__(self, target: str, lose: str = "") -> None:
        super().__init__(self._pass_on)
        self.target = target
        self.lose = lose

    def _pass_on(self, asked: Asked) -> Answer:
        query = "&".join(f"{name}={value}" for name, values in asked.query.items() for value in values)
        url = self.target + quote(asked.path, safe="/") + (f"?{query}" if query else "")
        headers = {k: v for k, v in asked.headers.items() if k in {"authorization", "content-type"}}
        request = urllib.request.Request(url, asked.body or None, headers, method=asked.method)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                made = Answer(reply.status, reply.read(), {"Content-Type": reply.headers.get("Content-Type", "")})
        except urllib.error.HTTPError as e:
            with e:
                made = Answer(e.code, e.read(), {"Content-Type": e.headers.get("Content-Type", "")})
        if self.lose and self.lose in asked.path:
            self.lose = ""
            return LOST
        return made

"""A homeserver with one room in small: transaction ids, relations, redactions, places in the timeline."""

from __future__ import annotations

import re
from typing import Any

from ainfluencer.core import clock
from tests.support.platforms.double import SECRET, Double
from tests.support.platforms.server import Answer, Asked, answer

ME, ADA, ROOM = "@mira:hs.test", "@ada:hs.test", "!room:hs.test"


def _refuse(code: str, status: int, message: str = "") -> Answer:
    return answer({"errcode": code, "error": message or code}, status)


class Platform(Double):
    """One room that Mira has joined; Ada is there to answer."""

    effect_path = "/send/m.room.message/"
    effect_method = "PUT"

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"room": "#news:hs.test"}
        self.secrets = {"token": SECRET}
        self.events: list[dict[str, Any]] = []
        self.transactions: dict[str, str] = {}

    def posts(self) -> int:
        """Messages of ours that are not pictures in a thread."""
        ours = [e for e in self.events if e["sender"] == ME and e["type"] == "m.room.message" and e["content"]]
        return sum(e["content"].get("m.relates_to", {}).get("rel_type") != "m.thread" for e in ours)

    def somebody_reacts(self, remote_id: str) -> set[str]:
        under = {"rel_type": "m.thread", "event_id": remote_id, "m.in_reply_to": {"event_id": remote_id}}
        self._add(ADA, "m.room.message", {"msgtype": "m.text", "body": "A boat", "m.relates_to": under})
        reaction = {"rel_type": "m.annotation", "event_id": remote_id, "key": "⛵"}
        self._add(ADA, "m.reaction", {"m.relates_to": reaction})
        self._add(ADA, "m.room.message", {"msgtype": "m.text", "body": "to nobody in particular"})
        return {"comment", "like"}

    def respond(self, asked: Asked) -> Answer:
        if self.revoked or asked.headers.get("authorization") != f"Bearer {SECRET}":
            return _refuse("M_UNKNOWN_TOKEN", 401, "Invalid access token passed.")
        for method, pattern, name in _ROUTES:
            if asked.method == method and (found := re.fullmatch(pattern, asked.path)):
                made: Answer = getattr(self, name)(asked, *found.groups())
                return made
        return _refuse("M_UNRECOGNIZED", 404, "Unrecognized request")

    def whoami(self, _asked: Asked) -> Answer:
        return answer({"user_id": ME, "device_id": "HARBOUR"})

    def joined(self, _asked: Asked) -> Answer:
        return answer({"joined_rooms": [ROOM]})

    def directory(self, _asked: Asked, alias: str) -> Answer:
        return answer({"room_id": ROOM, "servers": []}) if alias == "#news:hs.test" else _refuse("M_NOT_FOUND", 404)

    def encryption(self, _asked: Asked) -> Answer:
        return _refuse("M_NOT_FOUND", 404, "Event not found.")

    def config(self, _asked: Asked) -> Answer:
        return answer({"m.upload.size": 50_000_000})

    def upload(self, asked: Asked) -> Answer:
        if len(asked.body) > 50_000_000:
            return _refuse("M_TOO_LARGE", 413, "Upload request body is too large")
        return answer({"content_uri": f"mxc://hs.test/{len(asked.body)}"})

    def send(self, asked: Asked, transaction: str) -> Answer:
        if transaction not in self.transactions:
            if len(asked.body) > 65_000:
                return _refuse("M_TOO_LARGE", 413, "event too large")
            self.transactions[transaction] = self._add(ME, "m.room.message", asked.json())
        return answer({"event_id": self.transactions[transaction]})

    def messages(self, asked: Asked) -> Answer:
        backwards, end = asked.one("dir") == "b", len(self.events)
        place = int(asked.one("from", f"t{end if backwards else 0}")[1:])
        if backwards:
            chunk = self.events[:place][::-1][:100]
            after = place - len(chunk)
            ends = {"end": f"t{after}"} if after else {}
        else:
            chunk = self.events[place : place + 100]
            ends = {"end": f"t{place + len(chunk)}"}
        return answer({"chunk": chunk, "start": f"t{place}", **ends})

    def event(self, _asked: Asked, event_id: str) -> Answer:
        found = [e for e in self.events if e["event_id"] == event_id]
        return answer(found[0]) if found else _refuse("M_NOT_FOUND", 404, "Event not found.")

    def relations(self, _asked: Asked, event_id: str, kind: str) -> Answer:
        related = [e for e in self.events if e["content"].get("m.relates_to", {}).get("event_id") == event_id]
        return answer({"chunk": [e for e in related if e["content"]["m.relates_to"]["rel_type"] == kind]})

    def redact(self, _asked: Asked, event_id: str, _transaction: str) -> Answer:
        for event in self.events:
            if event["event_id"] == event_id:
                event["content"] = {}
                return answer({"event_id": self._add(ME, "m.room.redaction", {})})
        return _refuse("M_NOT_FOUND", 404)

    def _add(self, sender: str, kind: str, content: dict[str, Any]) -> str:
        event_id = f"$e{len(self.events)}"
        at = int(clock.now().timestamp() * 1000)
        self.events.append(
            {"event_id": event_id, "type": kind, "sender": sender, "origin_server_ts": at, "content": content}
        )
        return event_id


_CLIENT, _R = "/_matrix/client", r"/_matrix/client/v3/rooms/!room:hs\.test"
_ROUTES = (
    ("GET", rf"{_CLIENT}/v3/account/whoami", "whoami"),
    ("GET", rf"{_CLIENT}/v3/joined_rooms", "joined"),
    ("GET", rf"{_CLIENT}/v3/directory/room/(.+)", "directory"),
    ("GET", rf"{_R}/state/m\.room\.encryption", "encryption"),
    ("GET", rf"{_CLIENT}/v1/media/config", "config"),
    ("POST", r"/_matrix/media/v3/upload", "upload"),
    ("PUT", rf"{_R}/send/m\.room\.message/(.+)", "send"),
    ("GET", rf"{_R}/messages", "messages"),
    ("GET", rf"{_R}/event/(.+)", "event"),
    ("GET", r"/_matrix/client/v1/rooms/!room:hs\.test/relations/([^/]+)/(.+)", "relations"),
    ("PUT", rf"{_R}/redact/([^/]+)/(.+)", "redact"),
)

"""A Mastodon server in small: slow media, keys that are remembered, its own way of counting."""

from __future__ import annotations

import html
import re
from typing import Any

import regex

from ainfluencer.core import clock
from tests.support.platforms.double import SECRET, Double
from tests.support.platforms.server import Answer, Asked, answer

ME = {"id": "7", "acct": "mira", "display_name": "Mira", "url": "https://social.test/@mira", "bot": True}
ADA = {"id": "8", "acct": "ada@far.test", "display_name": "Ada", "url": "https://far.test/@ada"}


class Platform(Double):
    """One account, Mira's; Ada is there to answer."""

    effect_path = "/api/v1/statuses"

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"visibility": "public"}
        self.secrets = {"token": SECRET}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.media: dict[str, int] = {}  # how often it still says that it is working on it
        self.keys: dict[str, str] = {}
        self.notes: list[dict[str, Any]] = []
        self._next = 1000
        self.media_rounds = 1

    def posts(self) -> int:
        return sum(status["account"] == ME for status in self.statuses.values())

    def somebody_reacts(self, remote_id: str) -> set[str]:
        post = self.statuses[remote_id]
        reply = self._status("@mira A boat", ADA, remote_id)
        for kind, status in (("favourite", post), ("mention", reply), ("follow", None), ("poll", post)):
            self.notes.append({"id": self._id(), "type": kind, "account": ADA, "status": status, "created_at": _now()})
        post["favourites_count"] += 1
        post["replies_count"] += 1
        return {"like", "comment", "follow"}

    def respond(self, asked: Asked) -> Answer:
        if asked.path == "/api/v2/instance":
            return answer({"domain": "social.test", "configuration": _CONFIGURATION})
        if self.revoked or asked.headers.get("authorization") != f"Bearer {SECRET}":
            return answer({"error": "The access token is invalid"}, 401)
        for method, pattern, name in _ROUTES:
            if asked.method == method and (found := re.fullmatch(pattern, asked.path)):
                made: Answer = getattr(self, name)(asked, *found.groups())
                return made
        return answer({"error": "Record not found"}, 404)

    def me(self, _asked: Asked) -> Answer:
        return answer(ME)

    def upload(self, asked: Asked) -> Answer:
        part = asked.parts()["file"]
        if len(part.data) > 16_777_216 or not part.mime.startswith("image/"):
            return answer({"error": "Validation failed: File has invalid size or type"}, 422)
        media_id = self._id()
        self.media[media_id] = self.media_rounds
        return answer({"id": media_id, "url": None}, 202)

    def media_state(self, _asked: Asked, media_id: str) -> Answer:
        if media_id not in self.media:
            return answer({"error": "Record not found"}, 404)
        self.media[media_id] -= 1
        return (
            answer({"id": media_id, "url": None}, 206)
            if self.media[media_id] >= 0
            else answer({"id": media_id, "url": "x"})
        )

    def create(self, asked: Asked) -> Answer:
        body, key = asked.json(), asked.headers.get("idempotency-key", "")
        if key and key in self.keys:
            return answer(self.statuses[self.keys[key]])
        text = body["status"]
        if _count(text) > 500:
            return answer({"error": "Validation failed: Text character limit of 500 exceeded"}, 422)
        if len(body["media_ids"]) > 4:
            return answer({"error": "Cannot attach more than 4 files"}, 422)
        if any(self.media[media_id] >= 0 for media_id in body["media_ids"]):
            return answer(
                {"error": "Cannot attach files that have not finished processing. Try again in a moment!"}, 422
            )
        made = self._status(text, ME, body.get("in_reply_to_id"), len(body["media_ids"]))
        self.keys[key] = made["id"]
        return answer(made)

    def one(self, _asked: Asked, status_id: str) -> Answer:
        return (
            answer(self.statuses[status_id])
            if status_id in self.statuses
            else answer({"error": "Record not found"}, 404)
        )

    def delete(self, _asked: Asked, status_id: str) -> Answer:
        found = self.statuses.pop(status_id, None)
        self.keys = {key: value for key, value in self.keys.items() if value != status_id}
        return answer(found) if found else answer({"error": "Record not found"}, 404)

    def own(self, _asked: Asked, account_id: str) -> Answer:
        return answer([s for s in reversed(self.statuses.values()) if s["account"]["id"] == account_id][:40])

    def notifications(self, asked: Asked) -> Answer:
        kinds, after = asked.query["types[]"], int(asked.one("min_id", "0"))
        rows = [n for n in self.notes if n["type"] in kinds and int(n["id"]) > after]
        return answer(rows[::-1])

    def _status(self, text: str, account: dict[str, Any], parent: str | None = None, media: int = 0) -> dict[str, Any]:
        status_id = self._id()
        self.statuses[status_id] = {
            "id": status_id, "url": f"https://social.test/@{account['acct']}/{status_id}", "account": account,
            "content": _html(text), "created_at": _now(), "visibility": "public", "in_reply_to_id": parent,
            "in_reply_to_account_id": self.statuses[parent]["account"]["id"] if parent else None,
            "media_attachments": [{"id": str(n)} for n in range(media)],
            "favourites_count": 0, "reblogs_count": 0, "replies_count": 0,
        }  # fmt: skip
        return self.statuses[status_id]

    def _id(self) -> str:
        self._next += 1
        return str(self._next)


_CONFIGURATION = {
    "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
    "media_attachments": {"image_size_limit": 16_777_216, "image_matrix_limit": 33_177_600, "description_limit": 1500},
}
_ROUTES = (
    ("GET", r"/api/v1/accounts/verify_credentials", "me"),
    ("POST", r"/api/v2/media", "upload"),
    ("GET", r"/api/v1/media/(\w+)", "media_state"),
    ("POST", r"/api/v1/statuses", "create"),
    ("GET", r"/api/v1/statuses/(\w+)", "one"),
    ("DELETE", r"/api/v1/statuses/(\w+)", "delete"),
    ("GET", r"/api/v1/accounts/(\w+)/statuses", "own"),
    ("GET", r"/api/v1/notifications", "notifications"),
)


def _count(text: str) -> int:
    """StatusLengthValidator of the server: links as 23, remote mentions without host, then grapheme clusters."""
    text = re.sub(r"https?://[^\s<>\"]*[\w/=#&]", "x" * 23, text)
    text = re.sub(r"(?<![\w/])@(\w+)@[\w.-]+\w", r"@\1", text)
    return len(regex.findall(r"\X", text))


def _html(text: str) -> str:
    """As the server shows it: paragraphs, line breaks, mentions without host, long links in hidden pieces."""
    shown = html.escape(text)
    shown = re.sub(r"@(\w+)@[\w.-]+\w", r'<span class="h-card"><a href="#">@<span>\1</span></a></span>', shown)
    shown = re.sub(
        r"(https://)(\S+)", r'<a href="#"><span class="invisible">\1</span><span class="ellipsis">\2</span></a>', shown
    )
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in shown.split("\n\n"))


def _now() -> str:
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""The Stage's HTTP API in small; the real one is tried through the same adapter in tests/unit/stage."""

from __future__ import annotations

from typing import Any

from ainfluencer.core import clock, crypto
from ainfluencer.core.errors import InvalidInput
from tests.support.platforms.double import Double
from tests.support.platforms.server import Answer, Asked, answer

ME, ADA = "account-mira", "account-ada"


class Platform(Double):
    """One account, opened at the first call; tokens are signed by this instance."""

    effect_path = "/stage/api/posts"

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"workspace_id": "w1", "character_id": "c1", "handle": "mira", "name": "Mira", "bio": ""}
        self.secrets = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.notes: list[dict[str, Any]] = []

    def posts(self) -> int:
        return sum(row["by"] == ME for row in self.rows.values())

    def somebody_reacts(self, remote_id: str) -> set[str]:
        comment = self._add("A boat", ADA, remote_id)
        for kind, text, parent in (("comment", "A boat", remote_id), ("like", "", remote_id)):
            note_id = comment["id"] if kind == "comment" else f"like-{len(self.notes)}"
            self.notes.append(
                {"id": note_id, "kind": kind, "author_id": ADA, "author": "Ada", "text": text, "at": clock.now().isoformat(),
                 "post_id": remote_id, "parent_id": parent, "url": f"/stage/posts/{remote_id}"}
            )  # fmt: skip
        self.rows[remote_id]["likes"] += 1
        return {"comment", "like"}

    def respond(self, asked: Asked) -> Answer:
        try:
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            known = not self.revoked and crypto.unsign(token, "built-in channel") == "w1:c1"
        except InvalidInput:
            known = False
        if not known:
            return answer({"detail": "The Stage does not know this token.", "code": "bad_token"}, 401)
        name = f"{asked.method.lower()}_{asked.path.removeprefix('/stage/api/').split('/')[0]}"
        made: Answer = getattr(self, name)(asked)
        return made

    def put_me(self, asked: Asked) -> Answer:
        body = asked.json()
        return answer({"id": ME, **body, "url": f"/stage/@{body['handle']}"})

    def post_media(self, asked: Asked) -> Answer:
        return answer({"id": f"media-{len(asked.parts()['file'].data)}"}, 201)

    def post_posts(self, asked: Asked) -> Answer:
        body, key = asked.json(), asked.headers["idempotency-key"]
        if key in self.keys:
            return answer(self.rows[self.keys[key]])
        if len(body["text"]) > 1000 or len(body["media_ids"]) > 10:
            return answer({"detail": "Some values cannot be used.", "code": "invalid_input"}, 422)
        made = self._add(body["text"], ME, body["in_reply_to"], ai_made=body["ai_made"])
        self.keys[key] = made["id"]
        return answer(made, 201)

    def get_posts(self, asked: Asked) -> Answer:
        if asked.path.endswith("/metrics"):
            found = [self.rows[i] for i in asked.query.get("ids", []) if i in self.rows]
            return answer([{"id": r["id"], "likes": r["likes"], "replies": 1, "reposts": 0, "views": 9} for r in found])
        found_id = self.keys.get(asked.one("key"), "")
        return answer([self.rows[found_id]] if found_id in self.rows else [])

    def delete_posts(self, asked: Asked) -> Answer:
        gone = self.rows.pop(asked.path.rpartition("/")[2], None)
        self.keys = {key: row_id for key, row_id in self.keys.items() if gone is None or row_id != gone["id"]}
        return Answer(204)

    def get_notifications(self, asked: Asked) -> Answer:
        start = int(asked.one("cursor", "") or 0)
        return answer(
            {"items": self.notes[start:], "cursor": str(len(self.notes)) if self.notes else asked.one("cursor")}
        )

    def _add(self, text: str, by: str, parent: str = "", *, ai_made: bool = False) -> dict[str, Any]:
        post_id = f"post-{len(self.rows) + 1}"
        self.rows[post_id] = {
            "id": post_id, "url": f"/stage/posts/{post_id}", "text": text, "ai_made": ai_made, "by": by, "likes": 0,
            "created_at": clock.now().isoformat(), "in_reply_to": parent or None,
        }  # fmt: skip
        return self.rows[post_id]

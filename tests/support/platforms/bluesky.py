"""An AT Protocol server with an AppView in small: records under chosen keys, sessions, validation as its lexicons say."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import regex

from ainfluencer.core import clock
from tests.support.platforms.double import SECRET, Double
from tests.support.platforms.server import Answer, Asked, answer

DID, ADA = "did:plc:mira", "did:plc:ada"
_TID = re.compile(r"[234567abcdefghij][234567a-z]{12}")


def _token(kind: str, number: int) -> str:
    until = int((clock.now() + timedelta(hours=2)).timestamp())
    claims = json.dumps({"sub": DID, "exp": until, "scope": kind, "n": number}).encode()
    return f"eyJhbGciOiJub25lIn0.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.{kind}-signature"


def _refuse(code: str, message: str = "", status: int = 400) -> Answer:
    return answer({"error": code, "message": message or code}, status)


class Platform(Double):
    """One account, Mira's; Ada is there to answer."""

    effect_path = "com.atproto.repo.putRecord"

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"handle": "mira.test"}
        self.secrets = {"password": SECRET}
        self.records: dict[str, dict[str, Any]] = {
            f"at://{DID}/app.bsky.actor.profile/self": {"displayName": "Mira", "labels": {"values": [{"val": "bot"}]}}
        }
        self.notes: list[dict[str, Any]] = []
        self.blobs: dict[str, int] = {}
        self.tokens: set[str] = set()

    def posts(self) -> int:
        return sum(uri.startswith(f"at://{DID}/app.bsky.feed.post/") for uri in self.records)

    def somebody_reacts(self, remote_id: str) -> set[str]:
        there = {"uri": remote_id, "cid": _cid(self.records[remote_id])}
        author = {"did": ADA, "handle": "ada.test", "displayName": "Ada"}
        reply = {"text": "A boat", "reply": {"root": there, "parent": there}}
        made = [
            {"reason": "like", "uri": f"at://{ADA}/app.bsky.feed.like/1", "reasonSubject": remote_id, "record": {}},
            {"reason": "reply", "uri": f"at://{ADA}/app.bsky.feed.post/2", "record": reply},
            {"reason": "follow", "uri": f"at://{ADA}/app.bsky.graph.follow/3", "record": {}},
            {"reason": "starterpack-joined", "uri": f"at://{ADA}/x/4", "record": {}},
        ]
        for note in made:
            at = clock.now() + timedelta(milliseconds=len(self.notes))
            self.notes.append(note | {"author": author, "indexedAt": at.isoformat().replace("+00:00", "Z")})
        self.records[f"at://{ADA}/app.bsky.feed.post/2"] = reply
        return {"like", "comment", "follow"}

    def respond(self, asked: Asked) -> Answer:
        method = asked.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession":
            body = asked.json()
            if self.revoked or body["identifier"] != "mira.test" or body["password"] != SECRET:
                return _refuse("AuthenticationRequired", "Invalid identifier or password", 401)
            return self._session()
        if method == "com.atproto.identity.resolveHandle":
            known = {"mira.test": DID, "ada.test": ADA}.get(asked.one("handle"))
            return answer({"did": known}) if known else _refuse("InvalidRequest", "Unable to resolve handle")
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.revoked or token not in self.tokens:
            return _refuse("ExpiredToken", "Token has expired")
        if method == "com.atproto.server.refreshSession":
            return self._session()
        name = "_" + method.rpartition(".")[2]
        made: Answer = getattr(self, name)(asked)
        return made

    def _session(self) -> Answer:
        access, refresh = _token("access", len(self.tokens)), _token("refresh", len(self.tokens))
        self.tokens |= {access, refresh}
        return answer({"did": DID, "handle": "mira.test", "accessJwt": access, "refreshJwt": refresh})

    def _uploadBlob(self, asked: Asked) -> Answer:  # noqa: N802 - named like the method of the protocol
        link = hashlib.sha256(asked.body).hexdigest()
        self.blobs[link] = len(asked.body)
        blob = {
            "$type": "blob",
            "ref": {"$link": link},
            "mimeType": asked.headers["content-type"],
            "size": len(asked.body),
        }
        return answer({"blob": blob})

    def _putRecord(self, asked: Asked) -> Answer:  # noqa: N802 - named like the method of the protocol
        body = asked.json()
        record = body["record"]
        if problem := self._problem(body["rkey"], record):
            return _refuse("InvalidRequest", problem)
        uri = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        self.records[uri] = record
        return answer({"uri": uri, "cid": _cid(record), "validationStatus": "valid"})

    def _problem(self, key: str, record: dict[str, Any]) -> str:
        if not _TID.fullmatch(key):
            return "Invalid record key"
        if len(regex.findall(r"\X", record["text"])) > 300 or len(record["text"].encode()) > 3000:
            return "Invalid app.bsky.feed.post record: string too big (maximum 300 graphemes, 3000 bytes)"
        embed = record.get("embed", {})
        if len(embed.get("images", ())) > 4 or len(embed.get("items", ())) > 10:
            return "Invalid app.bsky.feed.post record: array too big"
        images = [*embed.get("images", ()), *embed.get("items", ())]
        if any(self.blobs.get(image["image"]["ref"]["$link"], 10**9) > 2_000_000 for image in images):
            return "This file is too large. It is over the maximum size of 2000000 bytes"
        size = len(record["text"].encode())
        if any(not 0 <= f["index"]["byteStart"] < f["index"]["byteEnd"] <= size for f in record.get("facets", ())):
            return "Invalid facet"
        return ""

    def _getRecord(self, asked: Asked) -> Answer:  # noqa: N802 - named like the method of the protocol
        uri = f"at://{asked.one('repo')}/{asked.one('collection')}/{asked.one('rkey')}"
        if uri not in self.records:
            return _refuse("RecordNotFound", f"Could not locate record: {uri}")
        return answer({"uri": uri, "cid": _cid(self.records[uri]), "value": self.records[uri]})

    def _deleteRecord(self, asked: Asked) -> Answer:  # noqa: N802 - named like the method of the protocol
        body = asked.json()
        self.records.pop(f"at://{body['repo']}/{body['collection']}/{body['rkey']}", None)
        return answer({})

    def _listNotifications(self, asked: Asked) -> Answer:  # noqa: N802 - named like the method of the protocol
        return answer({"notifications": self.notes[::-1][: int(asked.one("limit"))]})

    def _getPosts(self, asked: Asked) -> Answer:  # noqa: N802 - named like the method of the protocol
        found = [uri for uri in asked.query["uris"] if uri in self.records]
        likes = {uri: sum(note.get("reasonSubject") == uri for note in self.notes) for uri in found}
        return answer({"posts": [{"uri": uri, "likeCount": likes[uri], "replyCount": 1} for uri in found]})


def _cid(record: dict[str, Any]) -> str:
    return "bafy" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:20]

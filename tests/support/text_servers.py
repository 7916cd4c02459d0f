"""Text servers for tests on a real loopback socket: they answer from a script and remember what they were asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.platforms.server import Answer, Asked, LocalServer, answer

Script = Callable[[dict[str, Any]], str]


class TextServer(LocalServer):
    """Speaks the OpenAI chat API. `write` makes each text from the request's body; `refuses` lists unknown parameters."""

    def __init__(self, write: Script, *, refuses: tuple[str, ...] = ()) -> None:
        super().__init__(self._answer)
        self.write = write
        self.refuses = refuses
        self.fails = 0  # how many of the next requests are refused
        self.refusal = answer({"error": "busy"}, 503)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The chat requests so far."""
        return [asked.json() for asked in self.asked if asked.path.endswith("/chat/completions")]

    def _answer(self, asked: Asked) -> Answer:
        if self.fails:
            self.fails -= 1
            return self.refusal
        if asked.path.endswith("/models"):
            return answer({"data": [{"id": "scripted"}]})
        body = asked.json()
        unknown = [name for name in self.refuses if name in body]
        if unknown:
            return answer({"error": {"message": f"Unrecognized request argument: {unknown[0]}"}}, 400)
        choices = [
            {"index": i, "message": {"role": "assistant", "content": self.write(body)}} for i in range(body.get("n", 1))
        ]
        return answer({"model": "scripted", "choices": choices, "usage": {"prompt_tokens": 7, "completion_tokens": 5}})


def post(caption: str = "Low tide, long shadows, and nobody else about.", **more: Any) -> str:
    """A well-formed answer of a larger model to a brief."""
    made = {
        "caption": caption,
        "hashtags": ["#tide", "low tide"],
        "poster_title": "Low tide tells on everyone.",
        "poster_body": "",
        "poster_items": ["Check the tide", "Rinse everything", "Forgive the sand"],
    }
    return json.dumps(made | more)

"""What every double of a platform has in common: an address, a way in, a count of posts, and answers that get lost."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from tests.support.platforms.server import LOST, Answer, Asked, LocalServer, answer

SECRET = "correct-horse-battery"  # in every double's way in; may show up nowhere


class Double(LocalServer):
    """A platform in small: obeys the documented rules that an adapter relies on, keeps what it was given."""

    settings: dict[str, str]
    secrets: dict[str, str]
    effect_path = ""  # part of the path of the request that creates a post
    effect_method = "POST"

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.lose_after = False  # the next post is made, but its answer is lost
        self.lose_before = False  # the next post is lost on its way
        self.revoked = False  # nobody is let in any more

    def respond(self, asked: Asked) -> Answer:
        """The platform's answer."""
        raise NotImplementedError

    def posts(self) -> int:
        """How many posts there are now."""
        raise NotImplementedError

    def somebody_reacts(self, remote_id: str) -> set[str]:
        """Somebody answers the post and likes it; the kinds of news that must come in."""
        raise NotImplementedError

    def _answer(self, asked: Asked) -> Answer:
        creates = asked.method == self.effect_method and self.effect_path in asked.path
        if creates and self.lose_before:
            self.lose_before = False
            return LOST
        try:
            made = self.respond(asked)
        except KeyError as e:
            return answer({"error": f"missing {e}"}, 400)
        if creates and self.lose_after:
            self.lose_after = False
            return LOST
        return made


def has_double(slug: str) -> bool:
    """Whether there is a double of that platform: `tests/support/platforms/<slug>.py` with a class `Platform`."""
    return importlib.util.find_spec(f"tests.support.platforms.{slug}") is not None


def double_of(slug: str, **options: Any) -> Double:
    """A double of that platform, not yet started."""
    made: Double = importlib.import_module(f"tests.support.platforms.{slug}").Platform(**options)
    return made

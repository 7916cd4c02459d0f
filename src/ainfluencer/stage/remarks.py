"""What the invented audience says when no larger model writes for it: curated lines, each member in a voice of their own."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ainfluencer.stage.models import StageAccount

_FILE = Path(__file__).parent / "remarks.toml"
_WORD = re.compile(r"[a-zà-ÿ]{3,}")


@cache
def _bank() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text("utf-8"))


def noticed(account: StageAccount, text: str) -> str:
    """The word of the post that touches one of the member's interests, or ''."""
    words = set(_WORD.findall(text.lower()))
    return next((str(i) for i in account.temper.get("interests", []) if str(i) in words), "")


def lines_for(account: StageAccount, text: str, author: str, used: Sequence[str] = ()) -> list[str]:
    """What the member could say under this post, best first, without what stands in `used`.

    Order is seeded by member and post: the same again, and different for the next.
    """
    own = _bank().get(account.handle.removesuffix("_audience"))
    if not own:
        return []
    dice = random.Random(f"{account.id}:{text}")  # noqa: S311 - variety, not secrecy
    word = noticed(account, text)
    groups = [own["near"] if word else [], own["answers"] if _asks(text) else [], own["lines"]]
    found: list[str] = []
    for group in groups:
        found += [_fill(line, word, author) for line in dice.sample(group, len(group))]
    return [line for line in dict.fromkeys(found) if line not in set(used)]


def _asks(text: str) -> bool:
    """Whether the post's last sentence before its hashtags is a question."""
    return re.sub(r"(\s*#\w+)+\s*$", "", text).rstrip().endswith("?")


def _fill(line: str, word: str, author: str) -> str:
    filled = line.replace("{word}", word).replace("{name}", author.split(" ", maxsplit=1)[0] or "you")
    return filled[:1].upper() + filled[1:]

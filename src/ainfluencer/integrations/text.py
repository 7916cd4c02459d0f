"""How long a text is, the way each platform counts, and where its links, tags and mentions are."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from ainfluencer.integrations.manifest import Counting, Limits

LINK = regex.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'’”)\]}]")
HASHTAG = regex.compile(r"(?<![\w/&])#([\p{L}\p{M}\p{N}_]*[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*)")
MENTION = regex.compile(r"(?<![\w/@.])@([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(@[A-Za-z0-9.-]*[A-Za-z0-9])?")
_LETTER = regex.compile(r"\X")  # an extended grapheme cluster, UAX 29
_LINK_LENGTH = 23  # Mastodon counts every link as 23 characters; docs.joinmastodon.org/user/posting, 2026-11-21


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of a text: `start` and `end` in code points, `text` as written."""

    start: int
    end: int
    text: str


def graphemes(text: str) -> int:
    """How many letters a person sees: 👩‍👩‍👧 and é (as two code points) are one each."""
    return sum(1 for _ in _LETTER.finditer(text))


def length(text: str, counting: Counting) -> int:
    """The length of `text` as that rule counts it."""
    match counting:
        case Counting.GRAPHEMES:
            return graphemes(text)
        case Counting.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case Counting.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))
        case Counting.MASTODON:
            # Its server counts grapheme clusters after shortening links and remote mentions.
            short = LINK.sub("x" * _LINK_LENGTH, text)
            return graphemes(MENTION.sub(lambda m: f"@{m.group(1)}", short))
        case _:
            return len(text)


def measure_text(text: str, limits: Limits) -> int:
    """The length of `text` in the unit of `limits.text`."""
    return length(text, limits.counting)


def fits(text: str, limits: Limits) -> bool:
    """Whether `text` is within the length, byte, hashtag and link limits; an unknown limit (None) is no limit."""
    return (
        _within(measure_text(text, limits), limits.text)
        and _within(length(text, Counting.BYTES), limits.text_bytes)
        and _within(len(hashtags(text)), limits.hashtags)
        and _within(len(links(text)), limits.links)
    )


def shorten(text: str, limits: Limits) -> str:
    """`text`, cut at a word where possible and closed with “…”, so that it fits the length and byte limits."""
    if _within(measure_text(text, limits), limits.text) and _within(length(text, Counting.BYTES), limits.text_bytes):
        return text
    letters = _LETTER.findall(text)
    low, high = 0, len(letters)
    while low < high:
        middle = (low + high + 1) // 2
        candidate = "".join(letters[:middle]).rstrip() + "…"
        if _within(measure_text(candidate, limits), limits.text) and _within(
            length(candidate, Counting.BYTES), limits.text_bytes
        ):
            low = middle
        else:
            high = middle - 1
    cut = "".join(letters[:low])
    at_word = cut.rsplit(None, 1)[0] if low < len(letters) and not letters[low].isspace() and " " in cut else cut
    return (at_word if len(at_word) > len(cut) * 0.6 else cut).rstrip() + "…"


def links(text: str) -> list[Found]:
    """The web addresses in a text, without the punctuation that follows them."""
    return [Found(m.start(), m.end(), m.group()) for m in LINK.finditer(text)]


def hashtags(text: str) -> list[Found]:
    """The hashtags (with their #); one of digits only is none."""
    return [Found(m.start(), m.end(), m.group()) for m in HASHTAG.finditer(text) if not _inside_link(text, m.start())]


def mentions(text: str) -> list[Found]:
    """The @names (with their @, and @host where one follows)."""
    return [Found(m.start(), m.end(), m.group()) for m in MENTION.finditer(text) if not _inside_link(text, m.start())]


def _inside_link(text: str, position: int) -> bool:
    return any(link.start <= position < link.end for link in links(text))


def _within(value: int, limit: int | None) -> bool:
    return limit is None or value <= limit

"""A post's words cut to what each of its channels takes: whole sentences, and as many hashtags as read well there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.integrations import text as lengths
from ainfluencer.integrations.manifest import Limits
from ainfluencer.publishing import labels
from ainfluencer.publishing.content import Content, facts

SHORT_TEXT, SHORT_TAGS = 500, 3  # where texts are short, more than three hashtags push the words aside
MOST_TAGS = 8
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"”’)]*(?=\s|$)|\n+|$)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Adapted:
    """What a channel gets of its own; an empty text and None mean the post's."""

    text: str
    hashtags: list[str] | None


def adapt(content: Content) -> None:
    """Give every variant that `is_adapted` a text and hashtags that its channel takes, or the post's where they fit."""
    for variant, channel in content.variants:
        if variant.is_adapted:
            manifest, limits = facts(channel)
            line = labels.line_for(content.post.language) if labels.needs_line(manifest) else ""
            if labels.says_so(content.post.caption) or content.post.unlabelled_reason:
                line = ""
            made = adapted(content.post.caption, list(content.post.hashtags), line, limits)
            variant.text, variant.hashtags = made.text, made.hashtags


def adapted(caption: str, hashtags: list[str], line: str, limits: Limits) -> Adapted:
    """The words of a post for a channel with those limits, with room for the label `line`.

    Sentences are kept whole as long as one of them fits; hashtags give way before words do.
    """
    most = min(limits.hashtags if limits.hashtags is not None else MOST_TAGS, MOST_TAGS)
    if limits.text is not None and limits.text <= SHORT_TEXT:
        most = min(most, SHORT_TAGS)
    tags = hashtags[:most] if len(hashtags) > most else None
    text = caption.strip()
    if lengths.fits(_with(text, line), limits):
        return Adapted("", tags)
    kept = ""
    for sentence in _SENTENCE.findall(text):
        if not lengths.fits(_with((kept + sentence).strip(), line), limits):
            break
        kept += sentence
    return Adapted(kept.strip() or shorter(text, line, limits), tags)


def shorter(text: str, line: str, limits: Limits) -> str:
    """`text`, cut at a word so that it fits together with the label line (hashtags give way first)."""
    beside = f"\n\n{line}" if line else ""
    room = Limits(
        text=None if limits.text is None else max(0, limits.text - lengths.length(beside, limits.counting)),
        counting=limits.counting,
        text_bytes=None if limits.text_bytes is None else max(0, limits.text_bytes - len(beside.encode())),
    )
    return lengths.shorten(text, room)


def _with(text: str, line: str) -> str:
    return "\n\n".join(part for part in (text, line) if part)

"""Whether one entry fires for the texts that are searched, and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ainfluencer.cards.playing.entries import Reading
from ainfluencer.cards.playing.keys import Mark, Searcher, Text
from ainfluencer.cards.playing.macros import Scene, shown
from ainfluencer.cards.playing.timing import Timed
from ainfluencer.cards.reading.card import Book

LOGIC = {
    0: "one of its second keys",
    1: "not all of its second keys",
    2: "none of its second keys",
    3: "all second keys",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Fires or not: a stable code, a sentence, and the keys that were found. `is_final`: no later round changes it."""

    fires: bool
    code: str
    why: str
    marks: tuple[Mark, ...] = ()
    is_final: bool = False


@dataclass
class Chat:
    """What an entry is asked about: the chat's messages (the newest last), entries that fired, and the chat's counts."""

    scene: Scene
    book: Book
    messages: list[str]
    usual_depth: int
    greeting: int = 0
    replies: int = 1  # messages of the character, its greeting among them
    found: list[Text] = field(default_factory=list)  # what fired entries say
    level: int = 0  # the round of recursion
    searcher: Searcher = field(default_factory=Searcher)
    timed: Timed = field(default_factory=Timed)
    counts_keys: bool = False  # group scoring, where an entry does not say

    def texts(self, entry: Reading) -> list[Text]:
        """What is searched for an entry's keys now."""
        depth = entry.scan_depth(self.book, self.usual_depth)
        if "keep_activate_after_match" in entry.orders:
            depth = len(self.messages)
        first = max(0, len(self.messages) - depth)
        said = [Text("message", at, text) for at, text in enumerate(self.messages) if at >= first]
        return [*(self.found if entry.is_found_in_lore else []), *said]

    def first(self, entry: Reading, keys: list[str], texts: list[Text]) -> Mark | None:
        """The first of these keys that the texts have."""
        for key in keys:
            mark = self.searcher.first(
                shown(key, self.scene),
                texts,
                is_pattern=entry.is_pattern,
                is_cased=entry.is_cased,
                is_whole=entry.is_whole,
            )
            if mark:
                return mark
        return None


def ask(entry: Reading, chat: Chat) -> Answer:
    """Whether an entry fires now."""
    for gate in (_standing, _resting, _conditions, _recursion):
        if answer := gate(entry, chat):
            return answer
    if "activate" in entry.orders:
        return Answer(True, "activated", "@@activate: it fires without a key.")
    if "dont_activate" in entry.orders:
        return Answer(False, "not_activated", "@@dont_activate: its keys never fire it.", is_final=True)
    if entry.is_constant:
        return Answer(True, "constant", "It is constant: always there.")
    if span := chat.timed.stays.get(entry.at):
        why = f"It fired at message {span.since} and stays through message {span.until - 1} (sticky)."
        return Answer(True, "sticky", why)
    return _by_keys(entry, chat)


def _standing(entry: Reading, chat: Chat) -> Answer | None:
    """What no message changes."""
    stored = entry.entry
    if not stored.is_enabled:
        return Answer(False, "disabled", "It is switched off.", is_final=True)
    if not entry.orders.text.strip():
        return Answer(False, "empty", "It has no content, and an empty entry is never inserted.", is_final=True)
    if len(chat.messages) < entry.delay:
        why = f"It waits for {entry.delay} messages; this chat has {len(chat.messages)}."
        return Answer(False, "delayed", why, is_final=True)
    return None


def _resting(entry: Reading, chat: Chat) -> Answer | None:
    """Whether it fired lately and pauses."""
    span = chat.timed.rests.get(entry.at)
    if span is None or entry.at in chat.timed.stays:
        return None
    return Answer(False, "cooldown", f"It rests through message {span.until - 1} (cooldown).", is_final=True)


def _conditions(entry: Reading, chat: Chat) -> Answer | None:
    """Decorators that must hold beside the keys."""
    orders = entry.orders
    after, every = orders.number("activate_only_after"), orders.number("activate_only_every")
    if after is not None and chat.replies < after:
        why = f"@@activate_only_after {after}: the character has spoken {_times(chat.replies)}."
        return Answer(False, "too_early", why, is_final=True)
    if every is not None and every > 0 and chat.replies % every:
        why = f"@@activate_only_every {every}: the character has spoken {_times(chat.replies)}."
        return Answer(False, "not_this_time", why, is_final=True)
    wanted = orders.number("is_greeting")
    if wanted is not None and wanted != chat.greeting:
        why = f"@@is_greeting {wanted}: this chat opens with greeting {chat.greeting}."
        return Answer(False, "other_greeting", why, is_final=True)
    return None


def _recursion(entry: Reading, chat: Chat) -> Answer | None:
    if entry.delay_level > chat.level and entry.at not in chat.timed.stays:
        return Answer(False, "waits_for_lore", "Only other entries fire it (delay until recursion), and none did.")
    return None


def _by_keys(entry: Reading, chat: Chat) -> Answer:
    keys = [key for key in entry.entry.keys if key.strip()]
    if not keys:
        return Answer(False, "no_keys", "It has no keys and is not constant, so it never fires.", is_final=True)
    texts = chat.texts(entry)
    mark = chat.first(entry, keys, texts)
    if mark is None:
        return _not_found(entry, chat, keys)
    for others in entry.orders.lists("additional_keys"):
        if not chat.first(entry, others, texts):
            return Answer(False, "no_additional_key", f"“{mark.key}” is there, but none of {_named(others)}.", (mark,))
    for others in (*entry.orders.lists("exclude_keys"), *entry.orders.lists("exclude_keys_all")):
        if found := chat.first(entry, others, texts):
            return Answer(
                False, "excluded", f"“{mark.key}” is there, but so is the excluded “{found.key}”.", (mark, found)
            )
    if entry.secondary:
        return _with_second(entry, chat, mark, texts)
    return _once(entry, chat, keys) or Answer(True, "key", _found(mark), (mark,))


def _once(entry: Reading, chat: Chat, keys: list[str]) -> Answer | None:
    """`dont_activate_after_match`: whether an earlier message fired it already."""
    if "dont_activate_after_match" not in entry.orders or len(chat.messages) < 2:
        return None
    earlier = [Text("message", at, text) for at, text in enumerate(chat.messages[:-1])]
    if mark := chat.first(entry, keys, earlier):
        why = f"@@dont_activate_after_match: “{mark.key}” was in an earlier message."
        return Answer(False, "fired_before", why, (mark,), is_final=True)
    return None


def _with_second(entry: Reading, chat: Chat, mark: Mark, texts: list[Text]) -> Answer:
    """Keys and second keys together."""
    marks = {key: chat.first(entry, [key], texts) for key in entry.secondary}
    there = [one for one in marks.values() if one]
    missing = [key for key, one in marks.items() if not one]
    fires = {0: bool(there), 1: bool(missing), 2: not there, 3: not missing}.get(entry.logic, bool(there))
    wanted = LOGIC.get(entry.logic, LOGIC[0])
    has = _named([one.key for one in there]) if there else "none of them"
    if fires:
        return Answer(True, "both_keys", f"{_found(mark)} It asks for {wanted}, and found {has}.", (mark, *there))
    why = f"“{mark.key}” is there, but it asks for {wanted}, and found {has}."
    return Answer(False, "second_key", why, (mark, *there))


def _not_found(entry: Reading, chat: Chat, keys: list[str]) -> Answer:
    """Why no key was found: the pattern is at fault, the text lies too far back, or nobody said it."""
    spelled = [shown(key, chat.scene).strip() for key in keys]
    if bad := [key for key in spelled if key in chat.searcher.invalid]:
        return Answer(False, "pattern_invalid", f"The pattern “{bad[0][:60]}” is invalid and matches nothing.")
    if slow := [key for key in spelled if key in chat.searcher.slow]:
        return Answer(False, "pattern_slow", f"The pattern “{slow[0][:60]}” took too long; it was stopped.")
    depth = entry.scan_depth(chat.book, chat.usual_depth)
    if 0 <= depth < len(chat.messages):
        older = [Text("message", at, text) for at, text in enumerate(chat.messages[: len(chat.messages) - depth])]
        if mark := chat.first(entry, keys, older):
            why = f"“{mark.key}” stands further back than the {depth} messages that are searched."
            return Answer(False, "too_far_back", why, (mark,))
    return Answer(False, "no_key", f"None of its keys is in the text: {_named(spelled)}.")


def _found(mark: Mark) -> str:
    return f"“{mark.key}” stands in {'the chat' if mark.kind == 'message' else 'another entry'}."


def _named(keys: list[str]) -> str:
    told = ", ".join(f"“{key[:40]}”" for key in keys[:4])
    return f"{told} and {len(keys) - 4} more" if len(keys) > 4 else told


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def details(answer: Answer) -> dict[str, Any]:
    """As JSON tells it."""
    return {"code": answer.code, "why": answer.why, "marks": [mark.as_dict() for mark in answer.marks]}

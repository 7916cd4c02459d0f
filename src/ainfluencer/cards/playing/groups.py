"""Inclusion groups: of the entries of one group that would fire together, one is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ainfluencer.cards.playing.entries import Reading, whole
from ainfluencer.cards.playing.firing import Chat

Loss = tuple[str, str]  # a code and a sentence
Dice = Callable[[int, int, str], int]  # entry, sides, group


def losers(fired: Sequence[Reading], taken: Sequence[Reading], chat: Chat, dice: Dice) -> dict[int, Loss]:
    """Who of `fired` does not go into the prompt, and why; `taken` are those that are in it already.

    In SillyTavern's order: an entry that stays wins, then the most keys where the group counts them, then the group's
    place is taken, then the entry that goes before all others, then the weights.
    """
    lost: dict[int, Loss] = {}
    for name in dict.fromkeys(group for one in fired for group in one.groups):
        rivals = [one for one in fired if name in one.groups and one.at not in lost]
        lost |= _of_group(name, rivals, taken, chat, dice)
    return lost


def _of_group(
    name: str, rivals: Sequence[Reading], taken: Sequence[Reading], chat: Chat, dice: Dice
) -> dict[int, Loss]:
    if staying := [one for one in rivals if one.at in chat.timed.stays]:
        return {one.at: _won(staying[0], name) for one in rivals if one not in staying}
    lost = _by_score(name, rivals, chat)
    left = [one for one in rivals if one.at not in lost]
    if already := next((one for one in taken if name in one.groups), None):
        why = f"“{already.label}” of the group “{name}” fires already."
        return lost | {one.at: ("group", why) for one in left}
    if len(left) < 2:
        return lost
    winner = _winner(left, name, dice)
    return lost | {one.at: _won(winner, name) for one in left if one is not winner}


def _won(winner: Reading, name: str) -> Loss:
    return "group", f"“{winner.label}” won the group “{name}”."


def _by_score(name: str, rivals: Sequence[Reading], chat: Chat) -> dict[int, Loss]:
    """Those of which fewer keys were found than of another one, where they are asked to count."""
    counting = [one for one in rivals if _counts(one, chat)]
    if not counting:
        return {}
    scores = {one.at: score(one, chat) for one in rivals}
    best = max(rivals, key=lambda one: scores[one.at])
    most = scores[best.at]
    why = "The group “{}” counts keys: {} of this one, {} of “{}”."
    return {
        one.at: ("group_score", why.format(name, scores[one.at], most, best.label))
        for one in counting
        if scores[one.at] < most
    }


def _counts(entry: Reading, chat: Chat) -> bool:
    own = entry.entry.extensions.get("use_group_scoring")
    return own if isinstance(own, bool) else chat.counts_keys


def score(entry: Reading, chat: Chat) -> int:
    """How many of its keys are in the texts. Second keys count where any of them, or all of them, are asked for."""
    texts = chat.texts(entry)
    first = sum(bool(chat.first(entry, [key], texts)) for key in entry.entry.keys if key.strip())
    others = [] if entry.is_pattern else [key for key in entry.entry.secondary_keys if key.strip()]
    found = sum(bool(chat.first(entry, [key], texts)) for key in others)
    counts = entry.logic == 0 or (entry.logic == 3 and found == len(others))
    return first + found if first and counts else first


def _winner(rivals: Sequence[Reading], name: str, dice: Dice) -> Reading:
    if sure := [one for one in rivals if one.entry.extensions.get("group_override")]:
        return max(sure, key=lambda one: one.entry.order)
    weights = [max(0, _weight(one)) for one in rivals]
    fall = dice(rivals[0].at, max(1, sum(weights)), name)
    for one, weight in zip(rivals, weights, strict=True):
        fall -= weight
        if fall < 0:
            return one
    return rivals[0]


def _weight(entry: Reading) -> int:
    given = whole(entry.entry.extensions.get("group_weight"))
    return 100 if given is None else given

"""Which lorebook entries fire for a chat, why, where they go in the prompt, and what the token budget cuts off."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ainfluencer.cards.linting import tokens
from ainfluencer.cards.playing import firing, groups
from ainfluencer.cards.playing.entries import Reading, Rules, readings
from ainfluencer.cards.playing.firing import Answer, Chat
from ainfluencer.cards.playing.keys import Searcher, Text
from ainfluencer.cards.playing.macros import Scene, chance, play
from ainfluencer.cards.playing.timing import Timed
from ainfluencer.cards.reading.card import Book, Card

USUAL_DEPTH = 2
BUDGET_SHARE = 0.25  # of the context, when a book names no budget: SillyTavern's preset (1.12.6)
SLOTS = (
    *("before_char", "before_desc", "after_desc", "personality", "scenario", "after_char", "examples_top"),
    *("examples_bottom", "note_top", "at_depth", "note_bottom"),
)
"""Every place of an entry, from the top of the prompt to its end."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the chat program is set. `budget` of 0 takes the book's own, or a quarter of the context."""

    rules: Rules | None = None  # None: the specification for V3, SillyTavern's ways for older cards
    context: int = 8192
    budget: int = 0
    scan_depth: int = USUAL_DEPTH
    is_recursive: bool | None = None  # None: as the book says
    greeting: int = 0
    replies: int = 1
    counts_keys: bool = (
        False  # of the entries of one group those with the most keys are left, unless they say otherwise
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one entry. `status`: fired, cut (by the budget), or silent; `tokens` of its text with macros resolved."""

    at: int
    label: str
    status: str
    answer: Answer
    slot: str
    depth: int
    role: str
    order: float
    tokens: int
    level: int  # the round of recursion in which it fired
    text: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it; the text is in `order` of the result."""
        head = {"index": self.at, "label": self.label, "status": self.status, **firing.details(self.answer)}
        place = {"slot": self.slot, "depth": self.depth, "role": self.role, "insertion_order": self.order}
        return {**head, **place, "tokens": self.tokens, "round": self.level}


@dataclass(frozen=True, slots=True)
class Fired:
    """All verdicts in the book's order, and those that go into the prompt in the order in which they stand there."""

    verdicts: tuple[Verdict, ...]
    inserted: tuple[Verdict, ...]
    tokens: int
    budget: int
    rules: Rules
    messages: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def of(self, *slots: str) -> list[Verdict]:
        """What goes to these places, in order."""
        return [one for one in self.inserted if one.slot in slots]

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "rules": self.rules,
            "messages": list(self.messages),
            "entries": [one.as_dict() for one in self.verdicts],
            "order": [
                {"index": one.at, "label": one.label, "slot": one.slot, "text": one.text} for one in self.inserted
            ],
            "tokens": self.tokens,
            "budget": self.budget,
            "cut": [one.at for one in self.verdicts if one.status == "cut"],
            "notes": list(self.notes),
        }


def rules_for(card: Card, options: Options) -> Rules:
    """Whose ways are followed."""
    return options.rules or ("spec" if card.spec == "v3" else "sillytavern")


def fire(
    card: Card,
    messages: list[str],
    scene: Scene,
    options: Options | None = None,
    *,
    timed: Timed | None = None,
    searcher: Searcher | None = None,
) -> Fired:
    """Try a card's lorebook on the messages of a chat, the newest last. `timed`: what the chat remembers of earlier ones."""
    options = options or Options()
    book, rules = card.book or Book(), rules_for(card, options)
    budget = options.budget or book.token_budget or int(options.context * BUDGET_SHARE)
    chat = Chat(
        scene,
        book,
        messages,
        options.scan_depth,
        options.greeting,
        options.replies,
        searcher=searcher or Searcher(),
        timed=timed or Timed(),
        counts_keys=options.counts_keys,
    )
    run = _Run(chat, readings(book, rules), budget)
    is_recursive = options.is_recursive if options.is_recursive is not None else bool(book.is_recursive)
    run.until_quiet(is_recursive=is_recursive)
    verdicts = tuple(run.verdict(one) for one in run.entries)
    inserted = sorted((one for one in verdicts if one.status == "fired"), key=_in_prompt)
    return Fired(verdicts, tuple(inserted), run.used, budget, rules, tuple(messages))


def _in_prompt(one: Verdict) -> tuple[int, int, float, int]:
    return SLOTS.index(one.slot), -one.depth, one.order, one.at


@dataclass
class _Run:
    """Rounds of asking: first the chat, then again with the text of what fired, until nothing new fires."""

    chat: Chat
    entries: list[Reading]
    budget: int
    answers: dict[int, Answer] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    texts: dict[int, tuple[str, int]] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)
    used: int = 0

    def until_quiet(self, *, is_recursive: bool) -> None:
        waiting = list(self.entries)
        while waiting:
            fired, waiting = self._round(waiting)
            left, lost = self._without_rivals(fired)
            taken = self._admitted([one for one in left if self._falls(one)])
            waiting = sorted([*waiting, *lost], key=lambda one: one.at)  # a rival may get its turn in a later round
            later = sorted({one.delay_level for one in waiting if one.delay_level > self.chat.level})
            searched = [one for one in taken if one.is_searched]
            if not is_recursive or self.cut or not (searched or (later and self.chat.found)):
                break
            self.chat.found += [Text("entry", one.at, self._scanned(one)) for one in searched]
            self.chat.level = self.chat.level + 1 if searched else later[0]

    def _round(self, waiting: list[Reading]) -> tuple[list[Reading], list[Reading]]:
        """Who fires now, and who may be asked again."""
        fired, again = [], []
        for entry in waiting:
            answer = self.answers[entry.at] = firing.ask(entry, self.chat)
            if answer.fires:
                fired.append(entry)
            elif not answer.is_final:
                again.append(entry)
        return fired, again

    def _falls(self, entry: Reading) -> bool:
        """Whether chance lets it through; what stays from an earlier message is not thrown for again."""
        if entry.probability >= 100 or entry.at in self.chat.timed.stays:
            return True
        if self._dice(entry.at) < entry.probability:
            return True
        why = f"{entry.probability} % of the time it fires; the dice said no this time."
        self._refuse(entry, "probability", why)
        return False

    def _dice(self, at: int, sides: int = 100, more: str = "") -> int:
        """A number below `sides`, the same for the same seed and message."""
        return chance(self.chat.scene, f"{at}|{more}|{self.chat.scene.roll}|{len(self.chat.messages)}", sides)

    def _refuse(self, entry: Reading, code: str, why: str) -> None:
        self.answers[entry.at] = Answer(False, code, why, self.answers[entry.at].marks, is_final=True)

    def _without_rivals(self, fired: list[Reading]) -> tuple[list[Reading], list[Reading]]:
        """Those that are left of their groups, and the others."""
        taken = [one for one in self.entries if one.at in self.levels]
        lost = groups.losers(fired, taken, self.chat, self._dice)
        for one in fired:
            if one.at in lost:
                self._refuse(one, *lost[one.at])
        return [one for one in fired if one.at not in lost], [one for one in fired if one.at in lost]

    def _admitted(self, fired: list[Reading]) -> list[Reading]:
        """Those that the budget has room for, the most important first; after the first that does not fit, none."""
        taken = []
        for entry in sorted(fired, key=lambda one: (one.at not in self.chat.timed.stays, *one.importance, one.at)):
            self.levels[entry.at] = self.chat.level
            tokens_needed = self._text(entry)[1]
            if self.cut or self.used + tokens_needed > self.budget:
                self.cut.add(entry.at)
                continue
            self.used += tokens_needed
            taken.append(entry)
        return taken

    def _text(self, entry: Reading) -> tuple[str, int]:
        if entry.at not in self.texts:
            text = play(entry.orders.text, self.chat.scene).text.strip()
            self.texts[entry.at] = (text, _counted(text))
        return self.texts[entry.at]

    def _scanned(self, entry: Reading) -> str:
        return play(entry.orders.text, self.chat.scene, is_scanned=True).text

    def verdict(self, entry: Reading) -> Verdict:
        """What became of an entry."""
        text, needed = self._text(entry)
        answer = self.answers[entry.at]
        status = "silent" if not answer.fires else "cut" if entry.at in self.cut else "fired"
        if status == "cut":
            why = f"{answer.why} Its {needed} tokens did not fit into the budget of {self.budget}."
            answer = Answer(True, "budget", why, answer.marks)
        slot, depth, role = entry.place
        level = self.levels.get(entry.at, 0)
        return Verdict(entry.at, entry.label, status, answer, slot, depth, role, entry.entry.order, needed, level, text)


@lru_cache(maxsize=5_000)
def _counted(text: str) -> int:
    """Tokens of an entry: played through a chat, the same entries are asked for again and again."""
    return tokens.counter()(text)

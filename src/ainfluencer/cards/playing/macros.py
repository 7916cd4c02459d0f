"""Resolves macros as chat programs show them. What no program knows stays as it is written, and is told."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ainfluencer.cards.linting import macros as grammar
from ainfluencer.cards.playing import moments
from ainfluencer.cards.reading.card import Card

_INNERMOST = re.compile(r"\{\{([^{}]*)\}\}")
_ANGLES = re.compile(r"<(user|bot|char)>", re.IGNORECASE)
_COMMENT = re.compile(r"\{\{//.*?\}\}", re.DOTALL)
_TRIM = re.compile(r"(?:\r?\n)*\{\{trim\}\}(?:\r?\n)*", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_ROLL = re.compile(r"(\d{0,3})d(\d{1,6})([+-]\d{1,6})?\Z", re.IGNORECASE)
_HELD = "\ue000{}\ue001"
_HELD_AGAIN = re.compile("\ue000(\\d+)\ue001")
_MOST = 20_000  # replacements in one text: more is a text that feeds itself
_DEEPEST = 100  # macros inside each other
_LONGEST = 2_000_000  # characters


@dataclass(frozen=True, slots=True)
class Scene:
    """Who speaks with whom. `seed` settles {{pick}} for a whole chat; `roll` makes {{random}} and {{roll}} fall anew."""

    card: Card
    user: str = "You"
    persona: str = ""
    seed: int = 0
    roll: int = 0
    now: datetime | None = None
    last: str = ""  # the person's last message


@dataclass(frozen=True, slots=True)
class Problem:
    """A macro that stays as it is written: its name and place (characters of the original text), and why."""

    name: str
    start: int
    end: int
    message: str
    is_known: bool = False  # a program fills it in, only in a running chat

    def as_dict(self) -> dict[str, object]:
        """As JSON tells it."""
        return {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "message": self.message,
            "known": self.is_known,
        }


@dataclass(frozen=True, slots=True)
class Played:
    """The text with its macros resolved, and those that were not."""

    text: str
    problems: tuple[Problem, ...] = ()


def play(text: str, scene: Scene, *, original: str = "", is_scanned: bool = False) -> Played:
    """Resolve a text's macros. `original` is what {{original}} stands for; it is put in once.

    `is_scanned` keeps the words of {{hidden_key:…}}, which lorebooks look at and models never see.
    """
    run = _Run(scene, original, is_scanned=is_scanned)
    return Played(run.resolved(text), tuple(run.problems(text)))


def shown(text: str, scene: Scene) -> str:
    """Only the resolved text."""
    return play(text, scene).text


def problems(text: str, scene: Scene) -> tuple[Problem, ...]:
    """The macros of a text that nothing resolves, and braces without a partner, with their places."""
    return (*play(text, scene).problems, *_unbalanced(text))


def _unbalanced(text: str) -> list[Problem]:
    """Pairs of braces that open and never close, or close what is not open."""
    found, open_at = [], list[int]()
    for token in re.finditer(r"\{\{|\}\}", text):
        if token.group() == "{{":
            open_at.append(token.start())
        elif open_at:
            open_at.pop()
        else:
            found.append(Problem("}}", token.start(), token.end(), "This }} closes no macro."))
    found += [Problem("{{", at, at + 2, "This {{ is never closed.") for at in open_at]
    return found[:50]


@dataclass
class _Run:
    """One text being resolved, from the innermost macro outwards and from left to right."""

    scene: Scene
    original: str = ""
    is_scanned: bool = False
    inside: frozenset[str] = frozenset()
    held: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    turn: int = 0

    def resolved(self, text: str) -> str:
        if "{" not in text and "<" not in text:
            return text
        text = _ANGLES.sub(self._angle, _TRIM.sub("", _COMMENT.sub("", text)))
        for _ in range(_DEEPEST):
            changed, number = _INNERMOST.subn(self._macro, text)
            if not number or len(changed) > _LONGEST:
                break
            text = changed
        return self._given_back(text)

    def _given_back(self, text: str) -> str:
        while _HELD_AGAIN.search(text):
            text = _HELD_AGAIN.sub(lambda found: self.held[int(found[1])], text)
        return text

    def _angle(self, found: re.Match[str]) -> str:
        return self.scene.user if found[1].lower() == "user" else self.scene.card.called

    def _macro(self, found: re.Match[str]) -> str:
        self.turn += 1
        body = found[1].strip()
        value = self._value(body) if self.turn < _MOST else None
        if value is not None:
            return value
        self.kept.add(_HELD_AGAIN.sub("", body))
        return self._hold(found[0])

    def _hold(self, text: str) -> str:
        """A sign that stands for a text until all else is resolved."""
        self.held.append(text)
        return _HELD.format(len(self.held) - 1)

    def _value(self, body: str) -> str | None:
        name, argument = _parted(body)
        if name in _ARGUMENTS:
            return _ARGUMENTS[name](self, argument)
        if name in _FIELDS and not argument:
            return self._field(name)
        if name == "original" and not argument:
            text, self.original = self.original, ""
            return text
        if name in _WORDS and not argument:
            return _WORDS[name](self.scene)
        return moments.told(name, argument, self.scene.now)

    def _field(self, name: str) -> str | None:
        """A part of the card, resolved by itself; a part that names itself stays as it is written."""
        if name in self.inside:
            return None
        inner = replace(self, inside=self.inside | {name}, held=[], kept=set())
        text = inner.resolved(str(getattr(self.scene.card, _FIELDS[name])))
        return re.sub(r"\{\{|\}\}", lambda braces: self._hold(braces[0]), text)  # what it kept is not tried again

    def choice(self, argument: str, *, is_settled: bool) -> str:
        """One of the options; a settled one is the same whenever this chat is built anew."""
        options = argument.split("::") if "::" in argument else _COMMA.split(argument)
        key = f"{argument}" if is_settled else f"{argument}|{self.turn}|{self.scene.roll}"
        return options[chance(self.scene, key, len(options))].strip().replace("\\,", ",")

    def rolled(self, argument: str) -> str | None:
        """The sum of dice: 6, d6, 2d6+1."""
        dice = _ROLL.match(f"d{argument}" if argument.isdigit() else argument.strip())
        if not dice or not int(dice[2]):
            return None
        number = min(int(dice[1] or 1), 999)
        falls = (
            chance(self.scene, f"{n}|{argument}|{self.turn}|{self.scene.roll}", int(dice[2])) + 1 for n in range(number)
        )
        return str(sum(falls) + int(dice[3] or 0))

    def stored(self, argument: str, *, is_added: bool) -> str:
        """Keep or add to a variable of this text."""
        name, _, value = argument.partition("::")
        before = self.variables.get(name, "") if is_added else ""
        self.variables[name] = _sum(before, value) if is_added else value
        return ""

    def stepped(self, name: str, by: int) -> str:
        """Count a variable up or down and show it."""
        self.variables[name] = _sum(self.variables.get(name, "0") or "0", str(by))
        return self.variables[name]

    def problems(self, text: str) -> list[Problem]:
        """The macros that stayed, where they stand in the original text."""
        found = []
        for macro in _INNERMOST.finditer(text) if self.kept else ():
            body = macro[1].strip()
            if body in self.kept:
                found.append(_problem(body, macro.start(), macro.end()))
        return found[:200]


def chance(scene: Scene, key: str, sides: int) -> int:
    """A number below `sides` that depends on the scene's seed and the key only."""
    digest = hashlib.blake2b(f"{scene.seed}|{key}".encode("utf-8", "replace"), digest_size=8).digest()
    return random.Random(digest).randrange(max(1, sides))  # noqa: S311 - a die in a chat


def _problem(body: str, start: int, end: int) -> Problem:
    name = _parted(body)[0][:60]
    judged = grammar.problem(name)
    if judged is None:
        return Problem(name, start, end, f"{{{{{name}}}}} is filled in while a chat runs.", is_known=True)
    return Problem(name, start, end, f"No program knows {{{{{name}}}}}. {judged[1]}".strip())


def _parted(body: str) -> tuple[str, str]:
    """Name in small letters and argument; the sign between them is `:`, `::` or a blank."""
    found = re.match(r"([^\s:]+)(?:::|:|\s+)?(.*)\Z", body, re.DOTALL)
    return (found[1].lower(), found[2]) if found else (body.lower(), "")


def _sum(before: str, more: str) -> str:
    """Numbers are added, other texts joined."""
    try:
        total = float(before or "0") + float(more)
    except ValueError:
        return before + more
    return str(int(total)) if total.is_integer() else str(total)


_FIELDS = {
    "description": "description",
    "chardescription": "description",
    "personality": "personality",
    "charpersonality": "personality",
    "scenario": "scenario",
    "charscenario": "scenario",
    "mesexamples": "mes_example",
    "mesexamplesraw": "mes_example",
    "charprompt": "system_prompt",
    "charjailbreak": "post_history_instructions",
    "charinstruction": "post_history_instructions",
    "charversion": "character_version",
    "char_version": "character_version",
    "charcreatornotes": "creator_notes",
    "charfirstmessage": "first_mes",
}
_WORDS: dict[str, Callable[[Scene], str]] = {
    "char": lambda scene: scene.card.called,
    "bot": lambda scene: scene.card.called,
    "user": lambda scene: scene.user,
    "persona": lambda scene: scene.persona,
    "group": lambda scene: scene.card.called,
    "groupnotmuted": lambda scene: scene.card.called,
    "charifnotgroup": lambda scene: scene.card.called,
    "notchar": lambda scene: scene.user,
    "newline": lambda _: "\n",
    "br": lambda _: "\n",
    "space": lambda _: " ",
    "noop": lambda _: "",
    "none": lambda _: "",
    "blank": lambda _: "",
    "input": lambda scene: scene.last,
    "lastmessage": lambda scene: scene.last,
    "lastusermessage": lambda scene: scene.last,
}
_ARGUMENTS: dict[str, Callable[[_Run, str], str | None]] = {
    "random": lambda run, text: run.choice(text, is_settled=False),
    "pick": lambda run, text: run.choice(text, is_settled=True),
    "roll": lambda run, text: run.rolled(text),
    "dice": lambda run, text: run.rolled(text),
    "reverse": lambda _, text: text[::-1],
    "comment": lambda *_: "",
    "hidden_key": lambda run, text: text if run.is_scanned else "",
    "setvar": lambda run, text: run.stored(text, is_added=False),
    "addvar": lambda run, text: run.stored(text, is_added=True),
    "getvar": lambda run, text: run.variables.get(text, ""),
    "incvar": lambda run, text: run.stepped(text, 1),
    "decvar": lambda run, text: run.stepped(text, -1),
}
"""By name in small letters; None leaves the macro as it is written."""

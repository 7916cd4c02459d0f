"""The card's own words, made fit to be posted: quotes, facts in the first person, lore. Nothing is invented here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.characters.schemas import CharacterSheet, Material, MaterialKind
from ainfluencer.writing import safety
from ainfluencer.writing.first_person import first_person

LONGEST = 180  # a quote that is longer does not read on a poster
_SHORTEST = 24


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece that can stand alone. `standing` says how well (0..1); `text` is in the character's voice or their world's."""

    text: str
    kind: MaterialKind
    source: str
    keys: tuple[str, ...] = ()
    standing: float = 0.5


_USER = r"(?:\{\{user\}\}|<user>|\{\{User\}\})"
_CHAR = re.compile(r"\{\{char\}\}|<bot>|<char>", re.IGNORECASE)
_TURN = re.compile(r"^\s*([^\s:*\"“][^:*\"“]{0,38}?)\s*:\s+(?=\S)")
_USER_TURN = re.compile(rf"^\s*(?:{_USER}|you|user)\s*:", re.IGNORECASE)
_VOCATIVE = re.compile(rf",\s*{_USER}(?=[.!?,…])|^{_USER},\s*", re.IGNORECASE)
_ANY_USER = re.compile(_USER, re.IGNORECASE)
_ACTION = re.compile(r"\*[^*]+\*|\([^)]*\)|\[[^\]]*\]|_[^_]{3,}_")
_SPEECH = re.compile(r"[“\"«]([^“”\"«»]{2,400})[”\"»]")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’')]*\s+(?=[\"“‘'(]?[A-ZÀ-Þ0-9])")
_LIST_LIKE = re.compile(r"[\[\]{}<>|=+#@]|(?:\b\w+:\s.*){2}|^\s*[\w ]{1,24}:\s|;.*;|\bOOC\b", re.IGNORECASE)
_SCENE = re.compile(
    r"\b(?:come (?:in|here|on in|with me)|sit down|have a seat|take a seat|welcome|hello|hi there|hey there|nice to meet you|pleased to meet you|good (?:morning|evening|night)|what brings you"
    r"|can i help you|may i help you|follow me|over here|look at this|what do you want|who are you|thank you for coming|your name|you('re| are) (?:late|early|here|back|new|staring))\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:and|but|so|or|then|because|well|oh|ah|um|uh|yes|no|yeah|okay|ok|right|sure|hm+|ha+|anyway)\b[,.!… ]",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"\b(?:always|never|every|nobody|everybody|people|things?|most|best|only|until|than|if|when|enough|still|half)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"^(?:he|she|it|they|this|that|those|these|even|but|and|so|or|because|then|not|nobody|never|just|only|i (?:do not|don't|don’t|am not|just|still|always|stayed))\b",
    re.IGNORECASE,
)
_DEICTIC = re.compile(r"^(?:this|that|it|he|she|they|those|these|there|here)\b", re.IGNORECASE)


def own_words(sheet: CharacterSheet) -> tuple[Snippet, ...]:
    """Everything of the sheet that can be posted as it is, each piece once, best standing first."""
    pieces = list(sheet.material)
    if sheet.greeting:
        pieces.append(Material(kind=MaterialKind.GREETING, text=sheet.greeting, source="greeting"))
    if sheet.bio:
        pieces.append(Material(kind=MaterialKind.FACT, text=sheet.bio, source="bio"))
    found: dict[str, Snippet] = {}
    for piece in pieces:
        for snippet in _snippets(piece, sheet.name):
            if not safety.findings(snippet.text, age=sheet.age) and not safety.crossed(snippet.text, sheet.boundaries):
                found.setdefault(plain(snippet.text), snippet)
    return tuple(sorted(found.values(), key=lambda s: -s.standing))


def plain(text: str) -> str:
    """A text without case, spaces and punctuation, to see whether two are the same."""
    return re.sub(r"[\W_]+", "", text.lower())


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [s.strip() for line in text.splitlines() for s in _SENTENCE.split(line.strip()) if s.strip()]


def _snippets(piece: Material, name: str) -> list[Snippet]:
    if piece.kind in {MaterialKind.QUOTE, MaterialKind.GREETING}:
        return _quotes(piece, name)
    found = []
    for sentence in sentences(_without_macros(piece.text, name)):
        text = first_person(sentence, name)
        if text is None and piece.kind is MaterialKind.LORE and not _names(sentence, name):
            text = sentence
        if text is not None and _is_plain(text):
            kind = MaterialKind.FACT if text != sentence else piece.kind
            found.append(Snippet(text, kind, piece.source, piece.keys, 0.45 if _DEICTIC.match(text) else 0.6))
    return found


def _names(sentence: str, name: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name.split(maxsplit=1)[0])}\b", sentence)) if name.split() else False


def _without_macros(text: str, name: str) -> str:
    return _CHAR.sub(name, text)


def _is_plain(text: str) -> bool:
    long_enough = _SHORTEST <= len(text) <= LONGEST + 40
    return (
        long_enough
        and not _LIST_LIKE.search(text)
        and not _ANY_USER.search(text)
        and text[-1] in '.!?…”"'
        and not text.isupper()
    )


def _quotes(piece: Material, name: str) -> list[Snippet]:
    found = []
    for line in piece.text.replace("<START>", "\n").splitlines():
        if _USER_TURN.match(line):
            continue
        spoken = _said_by(line, name)
        for speech in _speeches(_VOCATIVE.sub("", _without_macros(spoken, name))):
            found += [
                Snippet(text, piece.kind, piece.source, piece.keys, standing(text, piece.kind))
                for text in _windows(sentences(speech))
                if _is_plain(text) and len(text) <= LONGEST
            ]
    return found


def _said_by(line: str, name: str) -> str:
    """What the character says in a line of a dialogue; '' when somebody else speaks."""
    turn = _TURN.match(line)
    if not turn:
        return line
    label = _without_macros(turn[1], name).strip().lower()
    if label in {name.lower(), name.split(maxsplit=1)[0].lower() if name.split() else ""}:
        return line[turn.end() :]
    is_speaker = len(label.split()) <= 3 and turn[1][:1].isupper()
    return "" if is_speaker else line


def _speeches(text: str) -> list[str]:
    spoken = [m.group(1).strip() for m in _SPEECH.finditer(text)]
    if spoken:
        return spoken
    bare = _ACTION.sub(" ", text)
    return [re.sub(r"\s+", " ", bare).strip()] if bare.strip() else []


def _windows(parts: list[str]) -> list[str]:
    """The pieces of one speech that may stand alone: all of it where that fits, else what keeps its point.

    A sentence loses its point when the next one leans on it (“He just refuses to testify.”), so such pairs stay together.
    """
    kept = _without_scene(parts)
    whole = " ".join(kept)
    if len(whole) <= LONGEST:
        return [whole] if len(whole) >= _SHORTEST else []
    found = []
    for i, part in enumerate(kept):
        group = part
        follower = i + 1
        while follower < len(kept) and _LEANS.match(kept[follower]) and len(group) + len(kept[follower]) < LONGEST:
            group += " " + kept[follower]
            follower += 1
        if (
            len(group) >= _SHORTEST
            and not _LEANS.match(part)
            and not (follower < len(kept) and _LEANS.match(kept[follower]))
        ):
            found.append(group)
    return found


def _without_scene(parts: list[str]) -> list[str]:
    """Without the sentences at either end that only make sense where they were said, and without a bare “Of course.”"""
    kept = list(parts)
    while kept and (_SCENE.search(kept[0]) or _ANY_USER.search(kept[0]) or len(kept[0]) < 14):
        kept.pop(0)
    while kept and (_SCENE.search(kept[-1]) or _ANY_USER.search(kept[-1])):
        kept.pop()
    return kept


def standing(text: str, kind: MaterialKind = MaterialKind.QUOTE) -> float:
    """How well a quote stands without its scene, 0..1."""
    score = 0.75
    words = len(text.split())
    score -= 0.35 if _SCENE.search(text) else 0.0
    score -= 0.3 if _DANGLING.match(text) else 0.0
    score -= 0.15 if _DEICTIC.match(text) else 0.0
    score -= 0.2 if text.endswith("?") else 0.0
    score -= 0.15 if words < 6 or words > 32 else 0.0
    score += 0.15 if _GENERAL.search(text) else 0.0
    score -= 0.1 if kind is MaterialKind.GREETING else 0.0
    return max(0.0, min(1.0, score))

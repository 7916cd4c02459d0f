"""The card's own words, made fit to be posted: quotes, facts in the first person, lore. Nothing is invented here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.characters.schemas import CharacterSheet, Material, MaterialKind
from ainfluencer.writing import dialogue, roleplay, safety
from ainfluencer.writing.cutting import sentences
from ainfluencer.writing.dialogue import Speaker
from ainfluencer.writing.first_person import first_person
from ainfluencer.writing.standing import SCENE, is_about_the_card, is_whole, standing, without_fragment

LONGEST = 180  # a quote that is longer does not read on a poster
_SHORTEST = 24
_COMPARED = 600  # pieces that are compared with each other; no card has said more that is fit to post
GOOD = 0.5  # how well a piece must stand alone to be posted
STANDS = 0.6  # a speech that stands less well is taken sentence by sentence


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece that can stand alone. `standing` says how well (0..1); `text` is in the character's voice or their world's."""

    text: str
    kind: MaterialKind
    source: str
    keys: tuple[str, ...] = ()
    standing: float = 0.5


_USER = r"(?:\{\{\s*(?:random_)?user(?:_\d+)?\s*\}\}|<user>)"
_CHAR = re.compile(r"\{\{\s*char\s*\}\}|<bot>|<char>", re.IGNORECASE)
_VOCATIVE = re.compile(rf",\s*{_USER}(?=[.!?,…])|^{_USER},\s*", re.IGNORECASE)
_ANY_USER = re.compile(_USER, re.IGNORECASE)
_LIST_LIKE = re.compile(r"[+]|(?:\b\w+:\s.*){2}|^\s*[\w ]{1,24}:\s|;.*;|\bOOC\b", re.IGNORECASE)
_LEANS = re.compile(
    r"^(?:he|she|it|they|this|that|those|these|even|but|and|so|or|because|then|not|nobody|never|just|only|though|also|sometimes even|i (?:do not|don't|don’t|am not|just|still|always|stayed))\b",
    re.IGNORECASE,
)
_ECHO = re.compile(r"^[^.!?]{1,24}\?$")  # “Alone?”, “Traits, you say?”: an answer begins behind it
_TO_YOU = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)


def own_words(sheet: CharacterSheet) -> tuple[Snippet, ...]:
    """Everything of the sheet that can be posted as it is, each piece once, best standing first."""
    pieces = list(sheet.material)
    if sheet.greeting:
        pieces.append(Material(kind=MaterialKind.GREETING, text=sheet.greeting, source="greeting"))
    if sheet.bio:
        pieces.append(Material(kind=MaterialKind.FACT, text=sheet.bio, source="bio"))
    found: dict[str, Snippet] = {}
    for piece in pieces:
        for snippet in _snippets(piece, sheet):
            if not safety.findings(snippet.text, age=sheet.age) and not safety.crossed(snippet.text, sheet.boundaries):
                found.setdefault(plain(snippet.text), snippet)
    return _distinct(sorted(found.values(), key=lambda s: -s.standing))


def _distinct(ranked: list[Snippet]) -> tuple[Snippet, ...]:
    """Without those that say again what a better one says: cards repeat themselves from field to field."""
    kept: list[tuple[Snippet, set[str]]] = []
    for snippet in ranked[:_COMPARED]:
        words = set(re.findall(r"[^\W\d_]{4,}", snippet.text.lower()))
        if not any(len(words & other) >= max(3, 0.7 * min(len(words), len(other))) for _, other in kept):
            kept.append((snippet, words))
    return tuple(snippet for snippet, _ in kept)


def plain(text: str) -> str:
    """A text without case, spaces and punctuation, to see whether two are the same."""
    return re.sub(r"[\W_]+", "", text.lower())


def _snippets(piece: Material, sheet: CharacterSheet) -> list[Snippet]:
    if piece.kind in {MaterialKind.QUOTE, MaterialKind.GREETING}:
        return _quotes(piece, sheet.name)
    if _is_dialogue(piece.text, sheet.name):
        return _quotes(piece.model_copy(update={"kind": MaterialKind.QUOTE}), sheet.name)
    found = []
    text = roleplay.plain_markup(_CHAR.sub(sheet.name, piece.text))
    for told_of in sentences(text):
        sentence = _without_link(told_of)
        told = first_person(sentence, sheet.name, sheet.gender)
        if told is None and piece.kind is MaterialKind.LORE and not _names(sentence, sheet.name):
            told = sentence
        if told is not None and _is_fit(told) and not is_about_the_card(told) and not _TO_YOU.search(told):
            kind = MaterialKind.FACT if told != sentence else piece.kind
            found.append(Snippet(told, kind, piece.source, piece.keys, standing(told, kind)))
    return found


_LINK = re.compile(
    r"^(?:However|Additionally|Moreover|Furthermore|In addition|Also|Despite this|Besides|Overall|Nevertheless|Still),\s+(?=\w)"
)


def _without_link(sentence: str) -> str:
    """“However, she …” says the same as “She …” once nothing stands before it."""
    bare = _LINK.sub("", sentence)
    return bare[:1].upper() + bare[1:]


def _is_dialogue(text: str, name: str) -> bool:
    """Whether a text is (also) a scene with turns or actions, of which only the speech can be used."""
    turns, _ = dialogue.split(_CHAR.sub(name, text), dialogue.names_of(name, name))
    return bool(turns) or any(span.kind is roleplay.Kind.ACTION for block in roleplay.spans(text) for span in block)


def _names(sentence: str, name: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name.split(maxsplit=1)[0])}\b", sentence)) if name.split() else False


def _is_fit(text: str) -> bool:
    """Whether a text is one or more whole sentences of a length that can be posted, in prose."""
    fits = _SHORTEST <= len(text) <= LONGEST + 40
    return fits and is_whole(text) and not _LIST_LIKE.search(text) and "{{" not in text and not _ANY_USER.search(text)


def _quotes(piece: Material, name: str) -> list[Snippet]:
    found = []
    own = dialogue.names_of(name, name)
    text = _CHAR.sub(name, piece.text)
    turns, rest = dialogue.split(text, own, is_dialogue=piece.kind is MaterialKind.QUOTE and "\n" in text)
    spoken = [(turn.text, True) for turn in turns if turn.speaker is Speaker.OWN]
    # Words that came as a quote are speech even where nothing marks them as such.
    spoken += [(rest, piece.kind is MaterialKind.QUOTE)] if rest else []
    for said, is_turn in spoken:
        for speech in roleplay.speeches(_VOCATIVE.sub("", said), own, is_turn=is_turn):
            lines = [line for line in _windows(sentences(speech), piece.kind) if _is_fit(line) and len(line) <= LONGEST]
            found += [Snippet(line, piece.kind, piece.source, piece.keys, standing(line, piece.kind)) for line in lines]
    return found


def _windows(parts: list[str], kind: MaterialKind) -> list[str]:
    """The pieces of one speech that may stand alone: all of it where that fits and stands, else what keeps its point."""
    kept = _without_scene(parts)
    whole = without_fragment(" ".join(kept))
    if len(whole) <= LONGEST and (len(kept) == 1 or standing(whole, kind) >= STANDS):
        return [whole] if len(whole) >= _SHORTEST else []
    return [group for group in map(without_fragment, _groups(kept)) if len(group) >= _SHORTEST]


def _groups(parts: list[str]) -> list[str]:
    """Sentences that may stand alone.

    A sentence loses its point when the next one leans on it (“He just refuses to testify.”), so such pairs stay together.
    """
    found = []
    for i, part in enumerate(parts):
        group = part
        follower = i + 1
        while follower < len(parts) and _LEANS.match(parts[follower]) and len(group) + len(parts[follower]) < LONGEST:
            group += " " + parts[follower]
            follower += 1
        is_leaned_on = follower < len(parts) and bool(_LEANS.match(parts[follower]))
        if not _LEANS.match(part) and not is_leaned_on:
            found.append(group)
    return found


def _without_scene(parts: list[str]) -> list[str]:
    """Without the sentences at either end that only make sense where they were said, and without a bare “Of course.”"""
    kept = list(parts)
    while kept and (SCENE.search(kept[0]) or _ANY_USER.search(kept[0]) or len(kept[0]) < 14 or _ECHO.match(kept[0])):
        kept.pop(0)
    while kept and (SCENE.search(kept[-1]) or _ANY_USER.search(kept[-1])):
        kept.pop()
    return kept

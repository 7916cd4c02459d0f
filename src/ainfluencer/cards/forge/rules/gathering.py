"""Everything that rules find about one character in a source: the first step of the forge without a model."""

from __future__ import annotations

import re

from ainfluencer.cards.forge import chunks, merging
from ainfluencer.cards.forge.rules import adjectives, entities, names, phrases, spoken, statements
from ainfluencer.cards.forge.shapes import Kind, Line, Material
from ainfluencer.cards.naming import stated_name
from ainfluencer.core.errors import InvalidInput

NOTES_WORDS = 2_500
"""Up to so many words a source that hardly names anybody else is taken for notes about the character."""
_NAME_LINE = re.compile(
    r"^\s*(?:[-*]\s*)?\**(?:full )?name\**\s*:\s*\**\s*(.{2,60}?)\**\s*$", re.IGNORECASE | re.MULTILINE
)
_HEADING = re.compile(r"^(#{1,6}[ \t].*\w)[ \t]*$", re.MULTILINE)
_SET_PIECES = re.compile(
    r"^(?:Greeting|Opening|Scenario|Says|Lore): .*$", re.MULTILINE
)  # of a card, however long they are
_INVENTED = {
    "she": "Ada Wren;Mira Holt;Nell Harrow;Ines Varga;Thea Lund;Rosa Quill;Juno Marsh;Elin Frost",
    "he": "Silas Reed;Tomas Wren;Otto Harrow;Joren Holt;Emil Lund;Abel Marsh;Ivo Quill;Anselm Frost",
    "": "Robin Wren;Sage Harrow;Rowan Holt;Quinn Marsh;Ari Lund;Noor Quill;Wren Frost;Marlow Reed",
}


def gather(text: str, name: str, language: str = "en") -> Material:
    """Statements, spoken lines and surroundings of a character in a text.

    An empty name is looked for in the text; when it names nobody (an idea of one line), one is invented and marked so.
    `InvalidInput` when the text is a story in which the given name never occurs.
    """
    body = _HEADING.sub(r"\1.", chunks.body_of(text))  # so that it is no part of the sentence after it
    found = chunks.paragraphs(text)
    everyone = names.known(body)
    is_notes = _is_notes(body, everyone)
    chosen, is_invented = (name.strip(), False) if name.strip() else _name_of(body, everyone, is_notes=is_notes)
    aliases = names.aliases_of(chosen, everyone)
    if not is_notes and not re.search(rf"\b(?:{'|'.join(map(re.escape, aliases))})\b", body):
        raise InvalidInput(
            f"The source never speaks of “{chosen[:60]}”.",
            f"It speaks of {', '.join(one.name for one in names.characters(body, 5)) or 'nobody by name'}.",
            field="name",
            code="character_not_found",
        )
    if is_notes:
        aliases = sorted({*aliases, *chosen.split()[:1]}, key=len, reverse=True)
    pronoun = names.pronoun_of(body, [] if is_notes else aliases)
    subject = statements.Subject([*aliases, *_companion(found, aliases, is_notes=is_notes)], pronoun, is_only=is_notes)
    others = frozenset(
        form for one in everyone if not set(aliases) & ({one.name} | one.aliases) for form in {one.name} | one.aliases
    )
    claims = statements.claims_of(found, subject, others if not is_notes else frozenset())
    if not is_notes:
        claims += phrases.claims_of(found, subject.pattern, pronoun, chosen, others)
    told = _any_lines(found) if is_notes else []
    lines = told if any(line.cue for line in told) else spoken.lines_of(found, aliases, pronoun) or told
    material = Material(
        name=chosen,
        aliases=[alias for alias in aliases if alias != chosen],
        pronoun=pronoun,
        language=language,
        stated=_stated(found) if is_notes else {},
        claims=claims,
        lines=lines,
        entities=entities.entities_of(found, everyone, aliases, least=1 if is_notes else _least(body)),
        traits=adjectives.common(
            [claim.text for claim in claims if claim.kind in {Kind.PERSONALITY, Kind.IDENTITY, Kind.HABIT} or is_notes]
        ),
        is_invented_name=is_invented,
    )
    return merging.merged([material], chunks.Quotable(text))


def _companion(found: list[chunks.Paragraph], aliases: list[str], *, is_notes: bool) -> list[str]:
    """“My friend” and the like, where a narrator calls the character so more often than anybody else."""
    if is_notes:
        return []
    name = re.compile("|".join(rf"\b{re.escape(alias)}\b" for alias in aliases))
    made = []
    for words in ("my friend", "my companion", "my master", "my mistress", "our hero", "our heroine"):
        near = [paragraph for paragraph in found if words in paragraph.text.lower()]
        named = sum(1 for paragraph in near if name.search(paragraph.text))
        made += [words.capitalize()] if len(near) > 4 and named * 2 > len(near) else []
    return made


def _is_notes(body: str, everyone: list[names.Known]) -> bool:
    size = len(_SET_PIECES.sub("", body).split())
    if size > NOTES_WORDS:
        return False
    speakers = [one for one in everyone if one.lines > 1]
    dialogue = len(re.findall(r"[“\"]", body)) > size / 25
    return not (len(speakers) > 1 and dialogue and not _NAME_LINE.search(body))


def _name_of(body: str, everyone: list[names.Known], *, is_notes: bool) -> tuple[str, bool]:
    if is_notes:
        labelled = _NAME_LINE.search(body)
        if stated := labelled.group(1).strip(" .,") if labelled else stated_name(body):
            return stated, False
    persons = [one for one in everyone if one.kind == "person"]
    if persons and (not is_notes or persons[0].mentions > 1 or " " in persons[0].name):
        return persons[0].name, False
    pronoun = names.pronoun_of(body, [])
    bank = _INVENTED.get(pronoun, _INVENTED[""]).split(";")
    return bank[sum(body.encode()) % len(bank)], True


def _least(body: str) -> int:
    """How often somebody must be named in a long text to have an entry in the lorebook."""
    return max(2, min(6, len(body.split()) // 12_000))


def _stated(found: list[chunks.Paragraph]) -> dict[str, str]:
    stated: dict[str, str] = {}
    for paragraph in found:
        pair = statements.labelled(paragraph.text)
        if pair and pair[0] in statements.STATED:
            stated.setdefault(statements.STATED[pair[0]], pair[1])
    return stated


def _any_lines(found: list[chunks.Paragraph]) -> list[Line]:
    """In notes about one character, what stands in quotation marks is theirs; “Asked: …” is what was said before it."""
    made: list[Line] = []
    cue = ""
    for paragraph in found:
        label, said = statements.labelled(paragraph.text) or ("", "")
        if label == "asked":
            cue = said
            continue
        if label in {"quotes", "quote", "says"} and not re.search(r"[“\"]", said):
            made.append(Line(text=said, quote=said, where=paragraph.chapter, cue=cue))
        else:
            quotes = (quote.strip() for quote in re.findall(r"[“\"]([^“”\"]{6,300})[”\"]", paragraph.text))
            for quote in quotes:
                if len(quote.split()) > 2:
                    made.append(Line(text=quote, quote=quote, where=paragraph.chapter, cue=cue))
                    cue = ""
        cue = ""
    return made

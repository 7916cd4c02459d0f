"""What the character says in a source, each line with the words before it, so that an example dialogue can be a real one."""

from __future__ import annotations

import re

from ainfluencer.cards.forge.chunks import Paragraph
from ainfluencer.cards.forge.rules import names
from ainfluencer.cards.forge.shapes import Line

_SPEECH = (
    r"(?:said|says|asked|asks|replied|answered|cried|remarked|thought|exclaimed|whispered|muttered|returned|observed|continued|added|shouted"
    r"|murmured|laughed|began|answers|replies|tells|told|ejaculated|repeated)"
)
_QUOTED = re.compile(r"[“\"]([^“”\"]{2,600})[”\"]|(?<![\w])‘([^‘]{2,600}?)’(?!\w)|(?<!\w)`([^`]{2,600}?)'(?!\w)")
_LABEL = re.compile(r"^\s*[-*]?\s*\**([A-ZÀ-Þ][\w'’ .-]{1,40})\**:\s*[“\"]?(.{3,600}?)[”\"]?$")
MOST = 400


def lines_of(found: list[Paragraph], aliases: list[str], pronoun: str) -> list[Line]:
    """Lines that the text gives to the character: “…,” said NAME; NAME said: “…”; NAME: …; turn by turn."""
    name = "|".join(re.escape(alias) for alias in aliases)
    if not name:
        return []
    made: list[Line] = []
    before = ""
    was_theirs = False
    for paragraph in found:
        label = _LABEL.match(paragraph.text)
        if label and label.group(1).strip() in aliases:
            made.append(Line(text=label.group(2).strip(), quote=label.group(2).strip(), where=paragraph.chapter))
            continue
        spoken = _quoted(paragraph.text)
        if not spoken:
            was_theirs = False
            before = ""
            continue
        if _is_theirs(paragraph.text, name, pronoun, was_theirs=was_theirs):
            made.append(_line(spoken, paragraph, before))
            was_theirs, before = True, ""
        else:
            was_theirs, before = False, spoken[0][:300] if len(spoken) == 1 else " ".join(spoken)[:300]
        if len(made) >= MOST:
            break
    return [one for one in made if len(one.text) > 2]


def _quoted(text: str) -> list[str]:
    found = [next(group for group in match.groups() if group) for match in _QUOTED.finditer(text)]
    return [re.sub(r"\s+", " ", one).strip() for one in found if re.search(r"[A-Za-zÀ-ÿ]{2}", one)]


def _is_theirs(text: str, name: str, pronoun: str, *, was_theirs: bool) -> bool:
    """Whether the paragraph's words outside of the quotation marks give them to the character."""
    outside = _QUOTED.sub(" ◊ ", text)
    if re.search(rf"\b{_SPEECH}\s+(?:{name})\b|\b(?:{name})\s+(?:\w+ly\s+)?{_SPEECH}\b", outside):
        return True
    if re.match(rf"^\s*(?:{name})\b[^◊]{{0,120}}[.:,]?\s*◊", outside) and not re.search(
        rf"\b{_SPEECH}\s+(?!{name})(?:{names.WORD}|he|she)", outside
    ):
        return True
    # “said he” right after their own line goes on with it; anywhere else it may be anybody.
    return bool(was_theirs and pronoun and re.search(rf"\b(?:{_SPEECH}\s+{pronoun}|{pronoun}\s+{_SPEECH})\b", outside))


def _line(spoken: list[str], paragraph: Paragraph, cue: str) -> Line:
    """The parts of one turn joined as they were spoken; the longest part is the quotation that is looked up."""
    parts = [one.rstrip(",") if one.endswith(",") and n == len(spoken) - 1 else one for n, one in enumerate(spoken)]
    text = parts[0]
    for part in parts[1:]:
        # “…,” he said. “And …”: the first part was a sentence of its own.
        text = f"{text[:-1]}. {part}" if text.endswith(",") and part[:1].isupper() else f"{text} {part}"
    return Line(text=re.sub(r"\s+", " ", text)[:600], quote=max(spoken, key=len), where=paragraph.chapter, cue=cue)


def manner(lines: list[Line]) -> str:
    """How the character speaks, as counted: length of sentences, questions, exclamations. '' for too few lines."""
    texts = [one.text for one in lines]
    sentences = [part for text in texts for part in re.split(r"(?<=[.!?])\s+", text) if part.strip()]
    if len(sentences) < 6:
        return ""
    words = sum(len(part.split()) for part in sentences) / len(sentences)
    length = "short" if words < 8 else "long, unhurried" if words > 17 else "plain"
    asks = sum(part.rstrip("\"'”’").endswith("?") for part in sentences) / len(sentences)
    calls = sum(part.rstrip("\"'”’").endswith("!") for part in sentences) / len(sentences)
    habits = [f"{length} sentences"]
    habits += ["asks a lot"] if asks > 0.28 else ["asks now and then"] if asks > 0.12 else []
    habits += ["often exclaims"] if calls > 0.25 else []
    rest = f", {' and '.join(habits[1:])}" if len(habits) > 1 else ""
    return f"Speaks in {habits[0]} (about {round(words)} words each){rest}."

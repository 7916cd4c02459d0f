"""The way chat cards write: *actions*, "speech", > narration, (asides) and plain words, told apart span by span.

Whatever the mixture, a mark never ends up inside a text: a span whose marks do not close is broken, and nobody quotes it.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a stretch of roleplay text is."""

    SPEECH = "speech"  # between quotation marks
    ACTION = "action"  # between asterisks or underscores, behind >, or an aside in brackets
    PLAIN = "plain"  # neither: speech in a card that marks its actions, narration in one that marks its speech
    BROKEN = "broken"  # a mark that never closes, or closes what never opened


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of text, without its marks."""

    kind: Kind
    text: str


LONGEST = 100_000
"""Characters of one text that are looked at."""

_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,300}|!--.{0,2000}?--)>", re.DOTALL)
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|hr)\b[^<>]{0,100}>", re.IGNORECASE)
_INVISIBLE = re.compile(r"<(style|script)\b.{0,20000}?</\1\s*>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```.{0,8000}?(?:```|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\((?:[^()\s]{1,500})\)")
_URL = re.compile(r"(?:https?://|www\.|discord\.gg/)\S{1,500}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([*_>\"#~`\-\[\]()!.])")
_OUT_OF_CHARACTER = re.compile(r"\(\([^()]{0,1000}\)\)|[(\[]\s*OOC\b[^)\]]{0,1000}[)\]]", re.IGNORECASE)
_BLOCK = re.compile(r"\n[ \t]*\n")
_QUOTES = {"“": "”", "«": "»", "„": "“”", "「": "」", "『": "』"}
_CLOSING = frozenset("”»」』")
_STARS = re.compile(r"\*+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")
_ASIDE = re.compile(r"\(([^()\n]{0,500})\)|\[([^\[\]\n]{0,500})\]")
_SPACE = re.compile(r"\s+")
_OWNERS = frozenset(
    {"her", "his", "hers", "its", "their", "theirs", "ours", "yours", "she", "he", "they", "him", "them"}
)
_GLANCE = re.compile(
    r"\b(?:her|his|their|its|she|he|they|him|them)\b|^(?!(?:really|only|truly|actually|exactly|nothing|everything|anything|something)\b)\w+(?:ing|ly)\b|^(?!(?:is|was|has|this|always|perhaps|yes|us|its|as|thus|less)\b)\w+[^s\W]s\b",
    re.IGNORECASE,
)


def plain_markup(text: str) -> str:
    """Without HTML, code fences, links, escapes and out-of-character asides; quotation marks and asterisks stay."""
    text = _FENCE.sub("\n", _INVISIBLE.sub(" ", text[:LONGEST]))
    text = html.unescape(_TAG.sub(" ", _BREAK.sub("\n", text)))
    text = _URL.sub("", _LINK.sub(r"\1", text))
    return _OUT_OF_CHARACTER.sub(" ", _ESCAPED.sub(r"\1", text)).replace("\u00a0", " ")


def spans(text: str) -> list[list[Span]]:
    """The spans of every block; a block ends at an empty line, and no mark reaches beyond it."""
    found = []
    for block in _BLOCK.split(plain_markup(text)):
        made = _merged(_Block(block).spans())
        if made:
            found.append(made)
    return found


class _Block:
    """One block being read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = "\n".join(line.strip() for line in text.splitlines())
        self.marks = list(_marks(self.text))

    def spans(self) -> Iterator[Span]:
        at = 0  # where the text that no span holds yet begins
        index = 0
        while index < len(self.marks):
            start, end, sign = self.marks[index]
            if start < at:
                index += 1
                continue
            if sign == ">":
                stop = self._line_end(end)
                yield from self._plain(at, start)
                yield Span(Kind.ACTION, self.text[end:stop])
                at = stop
            elif sign == "*":
                if self._is_emphasis(index):
                    index += 2
                    continue
                kind, stop, begin = self._star(index, at)
                yield from self._plain(at, begin)
                yield Span(kind, self.text[max(begin, at) : stop].strip("*_"))
                at = self._after_mark(stop)
            else:
                kind, stop, begin = self._quote(index, at)
                yield from self._plain(at, begin)
                if kind is Kind.SPEECH:
                    yield from _within(self.text[begin + 1 : stop])
                else:
                    yield Span(kind, self.text[begin:stop])
                at = min(stop + 1, len(self.text))
            index += 1
        yield from self._plain(at, len(self.text))

    def _plain(self, start: int, end: int) -> Iterator[Span]:
        """Text between marks: asides in brackets are actions, the rest is plain."""
        text = _unstarred(self.text[start:end]) if start < end else ""
        at = 0
        for aside in _ASIDE.finditer(text):
            yield Span(Kind.PLAIN, text[at : aside.start()])
            yield Span(Kind.ACTION, aside.group(1) or aside.group(2) or "")
            at = aside.end()
        yield Span(Kind.PLAIN, text[at:])

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _after_mark(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in "*_":
            at += 1
        return at

    def _star(self, index: int, at: int) -> tuple[Kind, int, int]:
        """The action that a star opens: kind, where it stops, where it begins."""
        start, end, _ = self.marks[index]
        if not self._opens(start, end):
            # It closes what was never opened: all since the last mark on this line was the action.
            return Kind.ACTION, start, max(at, self.text.rfind("\n", 0, start) + 1)
        for after, _, sign in itertools.islice(self.marks, index + 1, None):
            if sign == "*":
                if self._opens(after, after + 1) and not self._closes(after):
                    return Kind.ACTION, min(after, self._line_end(start)), start
                return Kind.ACTION, after, start
        return Kind.ACTION, self._line_end(start), start

    def _quote(self, index: int, at: int) -> tuple[Kind, int, int]:
        """The speech that a quotation mark opens: kind, where it stops, where it begins."""
        start, end, sign = self.marks[index]
        if sign in _CLOSING or (sign == '"' and not self._opens(start, end) and self._closes(start)):
            return Kind.BROKEN, start, at
        wanted = _QUOTES.get(sign, '"')
        for after, ends, other in itertools.islice(self.marks, index + 1, None):
            if other in wanted and (other != '"' or self._closes(after) or not self._opens(after, ends)):
                return Kind.SPEECH, after, start
            if other == sign:
                # A second one opens before the first is closed: what lies between was never finished.
                return Kind.BROKEN, after - 1, start
        # The last paragraph of a long speech may stay open, as in print; it counts when it is a whole sentence.
        stop = self._line_end(start)
        is_whole = start == self.text.rfind("\n", 0, start) + 1 and self.text[start:stop].rstrip()[-1:] in ".!?…"
        return (Kind.SPEECH if is_whole and stop == len(self.text) else Kind.BROKEN), stop, start

    def _opens(self, start: int, end: int) -> bool:
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        return (not before or before in " \n([{*_-—–>“\"'") and bool(after) and not after.isspace()

    def _closes(self, start: int) -> bool:
        before, after = self.text[start - 1 : start], self.text[start + 1 : start + 2]
        return bool(before) and not before.isspace() and (not after or not after.isalnum())

    def _is_emphasis(self, index: int) -> bool:
        """Whether two stars only stress a word or two: **bold** anywhere, *so* in the middle of a sentence."""
        if index + 1 >= len(self.marks):
            return False
        start, end, sign = self.marks[index]
        after, ends, other = self.marks[index + 1]
        return (
            sign == other == "*"
            and end - start == ends - after
            and self._opens(start, end)
            and stresses(self.text[end:after], end - start, self.text[:start], self.text[ends:])
        )


def stresses(words: str, stars: int, before: str, after: str) -> bool:
    """Whether stars around these words are stress rather than an action."""
    count = len(words.split())
    if "\n" in words or count > 8:
        return False
    if stars >= 2:
        return True
    inside = before.rstrip(" ")[-1:].isalnum() or before.rstrip(" ")[-1:] in {",", ":", "'"}
    goes_on = bool(re.match(r"\s*[,.!?…;:]|\s+[a-z']", after)) or after.startswith(("'", "’"))
    return inside and goes_on and count <= 3 and (words.lower() in _OWNERS or not _GLANCE.search(words))


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and sign of everything that may open or close a span; any run of stars or underscores is one “*”."""
    found = [(m.start(), m.end(), "*") for m in _STARS.finditer(text)]
    found += [(m.start(), m.end(), m.group()) for m in re.finditer(r"[\"“”«»„「」『』]", text)]
    found += [(m.start(1), m.end(1), ">") for m in re.finditer(r"(?:^|\n)(>+)", text)]
    return iter(sorted(found))


def _within(speech: str) -> Iterator[Span]:
    """Speech may be broken by an action (“Well, *she smiles* perhaps”) and may stress words (“*my* home”)."""
    marks = [(m.start(), m.end()) for m in _STARS.finditer(speech)]
    at, index = 0, 0
    while index + 1 < len(marks):
        (start, end), (after, ends) = marks[index], marks[index + 1]
        if end - start == ends - after and not stresses(
            speech[end:after], end - start, speech[:start] or "a", speech[ends:] or "."
        ):
            yield Span(Kind.SPEECH, _unstarred(speech[at:start]))
            yield Span(Kind.ACTION, speech[end:after])
            at = ends
        index += 2
    rest = speech[at:]
    for part in _ASIDE.split(rest)[:: _ASIDE.groups + 1]:
        yield Span(Kind.SPEECH, _unstarred(part))


def _unstarred(text: str) -> str:
    return _STARS.sub("", text)


def _merged(found: Iterator[Span]) -> list[Span]:
    """Tidy spans without the empty ones."""
    out: list[Span] = []
    for span in found:
        text = _SPACE.sub(" ", span.text.replace("`", "").replace("~", "").replace("#", "")).strip()
        if not any(c.isalnum() for c in text):
            if text and out and out[-1].kind is span.kind and text in {"!", "?", "…", "...", "."}:
                out[-1] = Span(span.kind, out[-1].text + text)
            continue
        if out and out[-1].kind is span.kind is Kind.PLAIN:
            out[-1] = Span(Kind.PLAIN, f"{out[-1].text} {text}")
        else:
            out.append(Span(span.kind, text))
    return out


# --- what is said -----------------------------------------------------------------------------------------------

_FIRST_PERSON = re.compile(
    r"\b(?:I|I['’]m|I['’]ve|I['’]ll|I['’]d|my|me|we|our|ich|mein|je|mon|ma|yo|mi|eu|meu|minha|io|mio|я|мой)\b|私|僕|俺|我"
)
_SAYS = r"(?:sa(?:y|ys|id)|ask(?:s|ed)?|repl(?:y|ies|ied)|mutter(?:s|ed)?|shout(?:s|ed)?|answer(?:s|ed)?|murmur(?:s|ed)?|whisper(?:s|ed)?|call(?:s|ed)?|cr(?:y|ies|ied)|yell(?:s|ed)?|snap(?:s|ped)?|growl(?:s|ed)?)"
_BY = re.compile(
    rf"^\W*(?:(?P<you>you|\{{\{{user\}}\}})|(?P<some>(?:the|an?|one|another)\s+[\w'’-]+(?:\s+[\w'’-]+)?)|(?P<name>[A-ZÀ-Þ][\w'’-]+)(?:\s+[A-ZÀ-Þ][\w'’-]+)?)\s+(?:\w+ly\s+)?{_SAYS}\b"
)
_PRONOUNS = frozenset({"she", "he", "they", "i", "it"})


def speeches(text: str, own: frozenset[str] = frozenset(), *, is_turn: bool = False) -> list[str]:
    """What is said aloud in a text, one item an utterance, without any mark.

    Quotation marks decide where there are any. Without them the plain words are speech when the text is a turn of a
    dialogue (`is_turn`), or marks its actions and speaks in the first person. `own` holds the folded names of the one
    who speaks: what the narration gives to somebody else is left out.
    """
    blocks = spans(text)
    if _marks_speech(blocks):
        return [said for block in blocks for said in _joined(_of(block, own))]
    whole = [span for block in blocks for span in block]
    marks_actions = any(span.kind is Kind.ACTION for span in whole)
    words = " ".join(span.text for span in whole if span.kind is Kind.PLAIN)
    if not (is_turn or (marks_actions and _FIRST_PERSON.search(words))):
        return []
    return [said for block in blocks for said in _joined(_unmarked(block))]


def _unmarked(block: list[Span]) -> list[str]:
    """The words between the actions of a block that marks no speech; a mention keeps its quotation marks."""
    if any(span.kind is Kind.BROKEN for span in block):
        return []
    parts = [""]
    for span in block:
        if span.kind is Kind.ACTION:
            parts.append("")
        else:
            text = f"“{span.text}”" if span.kind is Kind.SPEECH else span.text
            parts[-1] = f"{parts[-1]} {text}" if parts[-1] and text[:1] not in ".,;:!?…" else parts[-1] + text
    return [part.lstrip(",.;:!?…—–- ") for part in parts]


def _marks_speech(blocks: list[list[Span]]) -> bool:
    """Whether quotation marks hold speech here rather than a mere mention (a “professional” look)."""
    return any(
        span.kind is Kind.SPEECH and not _is_mention(block, index)
        for block in blocks
        for index, span in enumerate(block)
    )


def _is_mention(block: list[Span], index: int) -> bool:
    text = block[index].text
    before = block[index - 1] if index else None
    is_short = len(text.split()) <= 4 and text[-1:] not in ".!?…,—-" and (text.isascii() or len(text) < 6)
    return is_short and before is not None and before.kind is Kind.PLAIN and before.text[-1:].isalnum()


def _of(block: list[Span], own: frozenset[str]) -> list[str]:
    found = []
    is_others = False
    for index, span in enumerate(block):
        if span.kind is not Kind.SPEECH or _is_mention(block, index):
            continue
        after = block[index + 1].text if index + 1 < len(block) else ""
        before = block[index - 1].text if index else ""
        # “Halt,” the guard said. “Who goes?” are one person's; a narration of its own hands over.
        goes_on = is_others and _is_others(before, own)
        is_others = goes_on or _is_others(after, own) or (before.endswith((":", ",")) and _is_others(before, own))
        if not is_others:
            found.append(span.text)
    return found


def _is_others(narration: str, own: frozenset[str]) -> bool:
    matched = _BY.match(narration)
    if not matched:
        return False
    if matched["name"]:
        return matched["name"].casefold() not in own | _PRONOUNS
    return True


def _joined(parts: list[str]) -> list[str]:
    """“Listen,” she said, “it is late.” is one utterance; so is what an action interrupts in the middle of a sentence."""
    out: list[str] = []
    for part in parts:
        text = part.strip()
        if not text:
            continue
        before = out[-1] if out else ""
        if before and (before.endswith((",", "—", "–", "-")) or _runs_on(before, text)):
            # A sentence that begins anew after “he said” ends the one before.
            if before.endswith(",") and text[:1].isupper():
                before = f"{before[:-1]}."
            out[-1] = f"{before} {text}"
        else:
            if before and before[-1:].isalnum():
                out[-1] = _BROKEN_OFF.sub("", before) + "."
            out.append(text)
    return out


_BROKEN_OFF = re.compile(r",?\s+(?:but|and|or|so|yet|because|though|if|when|while|to|the|a|of)$", re.IGNORECASE)


def _runs_on(before: str, after: str) -> bool:
    return after[:1].islower() and (before[-1:].isalnum() or before.endswith(("...", "…", ";", ":")))


# --- whole and clean --------------------------------------------------------------------------------------------

_STRAY = re.compile(r"[*_`{}\[\]<>|\\^~#=]|\{\{|\}\}|(?<!\w)@")
_SINGLE_OPENS = re.compile(r"(?<![\w’'])['‘](?!(?:tis|twas|em|cause|til|bout|round|n)\b|\d)(?=\w)", re.IGNORECASE)
_SINGLE_CLOSES = re.compile(r"(?<=[\w.,!?…])['’](?!\w)")
_PAIRS = (("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"), ("(", ")"))


_LEFT_OVER = re.compile(r"\*|(?<!\w)_|_(?!\w)|`|\{\{|\}\}|</?\w+>|\\|^\s*>")


def is_marked(line: str) -> bool:
    """Whether a line that anybody wrote (a larger model too) holds markup, or a quotation mark without its other half."""
    return bool(_LEFT_OVER.search(line)) or line.count('"') % 2 == 1 or line.count("“") != line.count("”")


def is_clean(text: str) -> bool:
    """Whether no stray mark is left, and every quotation mark and bracket that opens also closes."""
    if _STRAY.search(text) or text.count('"') % 2 or (text[:1] in '”»」』)"' and text.count(text[:1]) % 2):
        return False
    if len(_SINGLE_OPENS.findall(text)) > len(_SINGLE_CLOSES.findall(text)):
        return False
    for opening, closing in _PAIRS:
        depth = 0
        for char in text:
            depth += (char == opening) - (char == closing)
            if depth < 0 or depth > 1:
                return False
        if depth:
            return False
    return True

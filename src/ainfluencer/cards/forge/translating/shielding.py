"""What no translation may touch, taken out of a text and put back: a mark such as ⟦3⟧ stands for it meanwhile."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

TOKEN = re.compile(r"⟦(\d+)⟧")
_LOOSE = re.compile(r"[⟦〚]\s*(\d+)\s*[⟧〛]")  # as models copy it now and then
_VALUED = r"""\s+[\w:@.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
_BARE = r"\s+(?:hidden|disabled|checked|open|controls|loop|autoplay|muted|required|readonly|selected)\b"
_CODE = re.compile(
    r"`[^`\n]+`"
    rf"|</?[A-Za-z][\w:-]*(?:{_VALUED}|{_BARE})*\s*/?>"
    r"|(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"  # the target of a Markdown link or picture
    r"|(?:https?|ftp)://[^\s<>\"”“]*[^\s<>\"”“.,;:!?'’)\]}*_]|data:[\w/+.-]+;base64,[\w+/=]+"
    r"|(?<!\{)\{(?:char|user|character)\}(?!\})|[⟦⟧〚〛]+",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^(`{3,}|~{3,}).*$", re.MULTILINE)
_BLOCKS = (
    (re.compile(r"<style\b[^<>]*>", re.IGNORECASE), re.compile(r"</style\s*>", re.IGNORECASE)),
    (re.compile(r"<script\b[^<>]*>", re.IGNORECASE), re.compile(r"</script\s*>", re.IGNORECASE)),
    (re.compile(r"<!--"), re.compile(r"-->")),
)
_DECORATOR = re.compile(r"^@@@?[A-Za-z_][\w-]*[^\n]*$", re.MULTILINE)
_BRACES = re.compile(r"\{\{|\}\}")
_HEAD = re.compile(r"^[ \t]*(?P<who>[^\s:：*\"“][^:：\n*\"“”]{0,39})[:：](?=\s|$)", re.MULTILINE)
_TITLES = frozenset(["the", "and", "von", "van", "der", "lady", "lord", "sir", "captain", "doctor", "king", "queen", "prince", "princess", "saint", "miss", "mrs", "professor", "little", "old"])  # fmt: skip
_QUOTES = re.compile(r"[\"“”„‟«»「」『』]")
_LETTER = re.compile(r"[^\W\d_]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # scripts that put no blank between words
_BLANK = re.compile(r"\n[ \t]*\n\s*")
_FAMILIES = (
    frozenset(["da", "no", "nb", "sv", "is"]), frozenset(["es", "pt", "gl", "ca", "it"]), frozenset(["cs", "sk", "pl"]), frozenset(["ru", "uk", "bg", "mk", "sr"]),
    frozenset(["hr", "sr", "sl", "bs"]), frozenset(["id", "ms", "tl"]), frozenset(["ja", "zh"]), frozenset(["ar", "fa", "ur"]), frozenset(["et", "fi"]),
)  # fmt: skip
"""Languages that are easily taken for one another."""
_TELLABLE = 60  # letters from which on the language of a text can be told
_MOST_FAULTS = 6
Span = tuple[int, int]


class Shield:
    """The marks of one card: the same thing has the same mark in every text, so that a model reads them alike."""

    def __init__(self, names: Iterable[str], kept_words: Iterable[str] = ()) -> None:
        self._things: list[str] = []
        self._numbers: dict[str, int] = {}
        self._words = _pattern([*_forms(names), *kept_words])

    def cover(self, text: str, *, speakers: bool = False) -> str:
        """The text with marks. `speakers`: who speaks, before a colon at the beginning of a line, is covered too."""
        made, at = [], 0
        for start, end in _joined([*self._spans(text), *(_speakers(text) if speakers else ())]):
            made += [text[at:start], self._mark(text[start:end])]
            at = end
        return "".join([*made, text[at:]])

    def uncover(self, text: str) -> str:
        """The text with everything put back where its mark stands."""
        return TOKEN.sub(lambda found: self._things[int(found[1])], text)

    def told(self, text: str) -> str:
        """A sentence about marks, for people: with what they stand for, cut short."""

        def short(found: re.Match[str]) -> str:
            thing = self._things[int(found[1])] if int(found[1]) < len(self._things) else found.group()
            return f"“{thing}”" if len(thing) <= 40 else f"“{thing[:37]}…”"

        return TOKEN.sub(short, text)

    def _spans(self, text: str) -> Iterator[Span]:
        yield from _macros(text)
        yield from _fences(text)
        yield from _blocks(text)
        for pattern in (_CODE, _DECORATOR, *((self._words,) if self._words else ())):
            yield from (found.span() for found in pattern.finditer(text))

    def _mark(self, thing: str) -> str:
        number = self._numbers.setdefault(thing, len(self._things))
        if number == len(self._things):
            self._things.append(thing)
        return f"⟦{number}⟧"


def _macros(text: str) -> Iterator[Span]:
    """Every pair of double braces, also inside another one; a brace without a partner is not one."""
    opened: list[int] = []
    for found in _BRACES.finditer(text):
        if found.group() == "{{":
            opened.append(found.start())
        elif opened:
            yield opened.pop(), found.end()


def _fences(text: str) -> Iterator[Span]:
    """Blocks of code between fences; one that is not closed goes to the end."""
    begin: re.Match[str] | None = None
    for found in _FENCE.finditer(text):
        if begin is None:
            begin = found
        elif found[1].startswith(begin[1]):
            yield begin.start(), found.end()
            begin = None
    if begin is not None:
        yield begin.start(), len(text)


def _blocks(text: str) -> Iterator[Span]:
    """Styles, scripts and comments whole; looked for from one end to the other once, however often one begins."""
    for begin, end in _BLOCKS:
        at = 0
        while (first := begin.search(text, at)) and (last := end.search(text, first.end())):
            at = last.end()
            yield first.start(), at


def _speakers(text: str) -> Iterator[Span]:
    """Who speaks in an example dialogue: a macro, words with capitals, or what stands there several times."""
    heads = list(_HEAD.finditer(text))
    count = Counter(found["who"].strip() for found in heads)
    for found in heads:
        who = found["who"].strip()
        words = who.split()
        is_name = len(words) <= 3 and all(word[0].isupper() or not word[0].islower() for word in words)
        if is_name or who.startswith(("{{", "<")) or count[who] > 1:
            yield found.span()


def _joined(spans: list[Span]) -> list[Span]:
    """Spans in order; those that overlap become one."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _forms(names: Iterable[str]) -> Iterator[str]:
    """Each name, and its parts as people use them alone: Anna and Reed of Anna Reed, but not the Captain."""
    for name in names:
        yield name
        parts = [part.strip(".,'’\"“”()[]") for part in name.split()]
        for part in parts if len(parts) > 1 else ():
            if len(part) > 2 and part[0].isupper() and part.casefold() not in _TITLES:
                yield part


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Words as they are written, and in capitals; whole words where the script has blanks."""
    forms = {form for word in words if len(word.strip()) > 1 for form in (word.strip(), word.strip().upper())}
    if not forms:
        return None
    listed = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(_whole(form) for form in listed))


def _whole(form: str) -> str:
    first, last = (
        r"(?<!\w)" if form[0].isalnum() and not _UNSPACED.match(form[0]) else "",
        r"(?!\w)" if form[-1].isalnum() and not _UNSPACED.match(form[-1]) else "",
    )
    return f"{first}{re.escape(form)}{last}"


def has_words(covered: str) -> bool:
    """Whether anything is left in a covered text that could be translated."""
    return bool(_LETTER.search(TOKEN.sub("", covered)))


def language_of(covered: str) -> str:
    """The language of a covered text; empty when it cannot be told."""
    from ainfluencer.cards.understanding import languages

    return languages.detect(TOKEN.sub(" ", covered), "")


def tidied(answer: str, covered: str) -> str:
    """An answer with its marks in their proper form, and with the blanks around it that the text has."""
    core = _LOOSE.sub(r"⟦\1⟧", answer).strip()
    lead = covered[: len(covered) - len(covered.lstrip())]
    return lead + core + covered[len(covered.rstrip()) :]


def faults(covered: str, answer: str, *, target: str, is_dialogue: bool = False, is_list: bool = False) -> list[str]:
    """What is wrong with a translation, each as a sentence with marks; empty when it can be used.

    `target`: a language without its region. `is_list`: as many lines as the text, one for each thing.
    """
    if not answer.strip():
        return ["The text is missing."]
    found = [*_lost_marks(covered, answer), *_unlike_signs(covered, answer)]
    if is_dialogue and _heads(covered) != _heads(answer):
        found.append("Its lines begin with other speakers than those of the text.")
    if is_list and len(covered.strip().split("\n")) != len(answer.strip().split("\n")):
        found.append("It has not as many lines as the text.")
    if len(_BLANK.findall(covered.strip())) != len(_BLANK.findall(answer.strip())):
        found.append("Its paragraphs are not those of the text.")
    if len(answer) > 4 * len(covered) + 200:
        found.append("It is much longer than the text.")
    if _is_untouched(covered, answer, target):
        found.append("It was not translated.")
    return found[:_MOST_FAULTS]


def _unlike_signs(covered: str, answer: str) -> Iterator[str]:
    """Signs of role-play and code that a translation has lost or added."""
    if covered.count("*") != answer.count("*"):
        yield f"Asterisks: {answer.count('*')} instead of {covered.count('*')}."
    if len(_QUOTES.findall(covered)) % 2 == 0 and len(_QUOTES.findall(answer)) % 2:
        yield "A quotation mark has no partner."
    if len(_BRACES.findall(covered)) != len(_BRACES.findall(answer)):
        yield "It has other double braces than the text."
    if added := _CODE.search(TOKEN.sub(" ", answer)):
        yield f"It adds {added.group()[:40]}."


def _lost_marks(covered: str, answer: str) -> list[str]:
    wanted, there = Counter(TOKEN.findall(covered)), Counter(TOKEN.findall(answer))
    found = []
    for number in dict.fromkeys([*wanted, *there]):
        if wanted[number] == there[number]:
            continue
        if not there[number]:
            found.append(f"⟦{number}⟧ is missing.")
        else:
            found.append(f"⟦{number}⟧ stands there {there[number]}×, in the text {wanted[number]}×.")
    return found


def _heads(covered: str) -> list[str]:
    return re.findall(r"^[ \t]*(⟦\d+⟧)", covered, re.MULTILINE)


def _is_untouched(covered: str, answer: str, target: str) -> bool:
    """Whether the words are still those of the text, or at least of its language."""
    plain = TOKEN.sub(" ", covered)
    if sum(1 for _ in _LETTER.finditer(plain)) < _TELLABLE:
        return False
    was, now = language_of(covered), language_of(answer)
    if was == target:
        return False
    before, after = Counter(plain.casefold().split()), Counter(TOKEN.sub(" ", answer).casefold().split())
    if (before & after).total() > 0.9 * before.total():
        return True
    is_near = any({now, target} <= family for family in _FAMILIES)
    return bool(was) and was == now and now != target and not is_near

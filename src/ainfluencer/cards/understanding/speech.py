"""Lines that the character speaks, cut out of example dialogue and greetings."""

from __future__ import annotations

import re

from ainfluencer.cards.understanding import prose, safety

MAX_LENGTH = 280
_START = re.compile(r"<\s*START\s*>", re.IGNORECASE)
_ACTION = re.compile(r"\*\*\*[^*]{0,4000}\*\*\*|\*(?!\*)[^*\n]{0,4000}\*|(?<!\w)_[^_\n]{1,2000}_(?!\w)")
_SPOKEN = re.compile(
    r"“([^“”]{1,1500})”|\"([^\"\n]{1,1500})\"|«\s?([^«»]{1,1500})\s?»|„([^„“”]{1,1500})[“”]|「([^「」]{1,1500})」|『([^『』]{1,1500})』"
)
_FIRST_PERSON = re.compile(
    r"\b(?:I|I['’]m|I['’]ve|I['’]ll|my|me|we|our|ich|mein|je|mon|ma|yo|mi|eu|meu|minha|io|mio|я|мой)\b|私|僕|俺|我"
)
_ASIDE = re.compile(r"\[[^\[\]\n]{0,500}\]|\([^()\n]{0,500}\)")
_WORD = re.compile(r"\w+")


def turns(examples: str, name: str, called: str) -> list[str]:
    """What the character says and does in example dialogue, one text a turn; other speakers are left out."""
    own = {n.casefold() for n in (name, called, name.partition(" ")[0]) if n}
    found: list[str] = []
    for block in _START.split(examples):
        speaker, lines = "", list[str]()
        for line in block.splitlines():
            label, rest = _label(line, own)
            if label is None:
                lines.append(line)
                continue
            _flush(found, speaker, lines)
            speaker, lines = label, [rest]
        _flush(found, speaker, lines)
    return found


def _label(line: str, own: set[str]) -> tuple[str | None, str]:
    head, colon, rest = line.partition(":")
    head = head.strip(" *#_-")
    if not colon or len(head) > 60:
        return None, line
    if head.casefold() in own:
        return "own", rest.strip()
    if prose.mentions_user(head) or re.fullmatch(
        r"(?:You|User|Narrator|Anon|[A-ZÀ-Þ][\w'’.-]+(?: [A-ZÀ-Þ][\w'’.-]+)?)", head
    ):
        return "other", rest.strip()
    return None, line


def _flush(found: list[str], speaker: str, lines: list[str]) -> None:
    text = "\n".join(lines).strip()
    if speaker == "own" and text:
        found.append(text)


def spoken(turn: str, *, is_dialogue: bool) -> list[str]:
    """The words spoken in one turn, actions removed.

    Quotation marks decide when there are any; without them, text outside asterisks is speech if the turn is labelled
    dialogue (`is_dialogue`), marks its actions, or speaks in the first person.
    """
    quoted = [next(g for g in m.groups() if g is not None) for m in _SPOKEN.finditer(turn)]
    if quoted and sum(len(q) if q.isascii() else 2 * len(q) for q in quoted) >= 12:
        return _joined(quoted)
    outside = _ACTION.sub("\n", turn)
    if not (is_dialogue or (outside != turn and _FIRST_PERSON.search(outside))):
        return []
    return [part for part in (p.strip() for p in re.split(r"\n+", outside)) if part]


def _joined(parts: list[str]) -> list[str]:
    """“Listen,” she said, “it is late.” is one line of speech."""
    out: list[str] = []
    for part in parts:
        if out and out[-1].rstrip().endswith((",", "—", "–")):
            # A sentence that begins anew after “he said” ends the one before.
            before = out[-1].rstrip()
            before = f"{before[:-1]}." if before.endswith(",") and part.strip()[:1].isupper() else before
            out[-1] = f"{before} {part.strip()}"
        else:
            out.append(part.strip())
    return out


def quotes(turn: str, language: str, *, is_dialogue: bool) -> list[str]:
    """Clean quotable lines of one turn: 3 words to 280 characters, addressed to anyone, nothing sexual."""
    out: list[str] = []
    for speech in spoken(turn, is_dialogue=is_dialogue):
        addressed = prose.addressed(prose.plain(speech), language)
        if addressed is None:
            continue
        line = prose.tidy(_ASIDE.sub("", addressed)).strip(' "“”')
        out += [piece for piece in _pieces(line) if _is_quotable(piece)]
    return out


def _pieces(line: str) -> list[str]:
    if len(line) <= MAX_LENGTH:
        return [line]
    out: list[str] = []
    for sentence in prose.sentences(line):
        if out and len(out[-1]) + len(sentence) < 200:
            out[-1] = f"{out[-1]} {sentence}"
        else:
            out.append(sentence)
    return [piece for piece in out if len(piece) <= 400]


def _is_quotable(line: str) -> bool:
    words = _WORD.findall(line)
    enough = len(words) >= 3 or (len(words) >= 1 and len(line) >= 8 and not line.isascii())
    return (
        enough
        and len(line) >= (10 if line.isascii() else 7)
        and not safety.is_sexual(line)
        and any(c.isalpha() for c in line)
    )

"""Rules for what a person types about a character. Each refusal names the field and what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput

NAME_MAX = 100
BIO_MAX = 5000
TEXT_MAX = 4_000_000  # cards with fields of 2 MiB exist
LIST_MAX = 50
ITEM_MAX = 80
AGE_MAX = 100_000  # dragons and lighthouses exist

_SPACES = re.compile(r"\s+")
_ZERO_WIDTH = {"\u200b", "\u2060", "\ufeff"}
_JOINER = "\u200d"


def visible_length(text: str) -> int:
    """How many characters a person would count: joined emoji, flags and accents are one each.

    A close approximation of Unicode grapheme clusters without the full tables.
    """
    count, joined, flag_open = 0, False, False
    for char in text:
        if char == _JOINER:
            joined = True
            continue
        code = ord(char)
        if joined:
            joined = False
            continue
        if unicodedata.category(char) in {"Mn", "Me", "Mc"} or 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF:
            continue
        if 0x1F1E6 <= code <= 0x1F1FF:
            flag_open = not flag_open
            count += flag_open
            continue
        flag_open = False
        count += 1
    return count


def clean_line(text: str) -> str:
    """One line: control, direction-override and zero-width characters gone, white space single."""
    kept = "".join(c for c in text if c.isspace() or c == _JOINER or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return _SPACES.sub(" ", kept).strip()


def clean_text(text: str) -> str:
    """Many lines: without NUL and lone surrogates, which databases refuse, and with plain line ends."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def name(value: str) -> str:
    """A name of 1 to 100 visible characters, or `InvalidInput`."""
    cleaned = clean_line(value)
    if not any(unicodedata.category(c)[0] in "LNSP" for c in cleaned):
        raise InvalidInput("A character needs a name.", "Write a name of 1 to 100 characters.", field="name")
    count = visible_length(cleaned)
    if count > NAME_MAX or len(cleaned) > 400:
        raise InvalidInput(
            f"This name has {count} characters; {NAME_MAX} is the most.",
            "Shorten the name; a longer story fits into the bio.",
            code="name_too_long",
            field="name",
        )
    return cleaned


def bio(value: str) -> str:
    """A bio of at most 5,000 characters."""
    return text(value, "bio", BIO_MAX)


def text(value: str, field: str, limit: int = TEXT_MAX) -> str:
    """Free text of at most `limit` characters."""
    cleaned = clean_text(value)
    if len(cleaned) > limit:
        raise InvalidInput(
            f"The {field.replace('_', ' ')} has {len(cleaned):,} characters; {limit:,} is the most.",
            "Shorten it.",
            code="too_long",
            field=field,
        )
    return cleaned


def age(value: int | None) -> int | None:
    """Between 0 and 100,000 years, or unknown."""
    if value is not None and not 0 <= value <= AGE_MAX:
        raise InvalidInput(
            f"An age of {value} is outside 0 to {AGE_MAX:,}.",
            "Give the age in whole years, or leave it out.",
            field="age",
        )
    return value


def timezone(value: str) -> str:
    """An IANA zone name; empty means UTC."""
    value = value.strip() or "UTC"
    clock.zone(value)
    return value


def words(values: Iterable[str], field: str) -> list[str]:
    """At most 50 entries of at most 80 visible characters, without repeats."""
    cleaned: dict[str, str] = {}
    for value in values:
        entry = clean_line(value)
        if not entry:
            continue
        if visible_length(entry) > ITEM_MAX:
            raise InvalidInput(
                f"“{entry[:30]}…” is longer than {ITEM_MAX} characters.", "Use short entries.", field=field
            )
        cleaned.setdefault(entry.casefold(), entry)
    if len(cleaned) > LIST_MAX:
        raise InvalidInput(
            f"There are {len(cleaned)} {field}; {LIST_MAX} is the most.", "Keep the best ones.", field=field
        )
    return list(cleaned.values())


_SPELLED = (
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
    | dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
    | dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True))
)


def handle(value: str) -> str:
    """A short ASCII name out of any name: `Mira Vale` becomes `mira_vale`; unreadable scripts become `character`."""
    folded = unicodedata.normalize("NFKD", value.casefold())
    spelled = "".join(_SPELLED.get(c, c) for c in folded if not unicodedata.combining(c))
    ascii_only = re.sub(r"[^a-z0-9]+", "_", re.sub(r"['’]", "", spelled)).strip("_")
    return ascii_only[:30].strip("_") or "character"

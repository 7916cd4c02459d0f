"""From stored bytes to parsed JSON: byte-order marks, UTF-16, base64 in all its spellings, small mends (guide 1.4)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits, numbers
from ainfluencer.cards.reading.values import Notes

_BASE64 = re.compile(rb"[A-Za-z0-9+/=_\-\s]+\Z")
_SPACE = re.compile(rb"\s+")
# Strings are matched whole (possessive, so that no input backtracks) in order to leave commas inside them alone.
_TRAILING_COMMA = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+"?)|,(?=\s*+[}\]])', re.DOTALL)
_LINE_END_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """The JSON text, how it was encoded, and its parsed form."""

    text: bytes
    root: Any
    encoding: str
    wrapping: tuple[str, ...]


def decode(raw: bytes, notes: Notes, *, in_chunk: bool) -> Decoded:
    """Parse a payload. In a chunk base64 is expected, in a file JSON; either is understood in both places.

    Raises `CardRefused` when it is neither, too large or too deep.
    """
    wrapping: list[str] = []
    for _ in range(limits.MAX_LAYERS):
        if len(raw) > limits.MAX_PAYLOAD:
            raise CardRefused(Reason.INFLATED, f"The card's text is larger than {limits.MAX_PAYLOAD // 1_000_000} MB.")
        text, encoding, is_json = _as_text(raw, notes)
        if is_json:
            if in_chunk and not wrapping:
                notes.add("raw_json_in_chunk", "The text chunk holds plain JSON instead of base64.")
            root = parse(text, notes)
            if isinstance(root, str) and root.strip():
                notes.add("json_in_json", "The card is JSON inside a JSON string.")
                raw = root.encode("utf-8", "surrogatepass")
                wrapping.append("json string")
                continue
            return Decoded(raw, root, encoding, tuple(wrapping))
        raw = _unbase64(raw, notes)
        wrapping.append("base64")
        if wrapping.count("base64") == 2:
            notes.add("double_base64", "The card is base64 inside base64.")
        elif not in_chunk:
            notes.add("base64_file", "The file holds base64 instead of JSON.")
    raise CardRefused(Reason.PAYLOAD_BAD, "The card is wrapped too often to be one.")


def _as_text(raw: bytes, notes: Notes) -> tuple[str, str, bool]:
    """The text, its encoding, and whether it looks like JSON."""
    for mark, encoding in _LINE_END_BOMS:
        if raw.startswith(mark):
            notes.add(
                "bom" if encoding == "utf-8" else "utf16", f"The text begins with a byte-order mark ({encoding})."
            )
            return raw[len(mark) :].decode(encoding, "replace"), encoding, True
    head = raw[:64].lstrip()
    if head[:2] in {b"{\x00", b"[\x00"}:
        notes.add("utf16", "The text is UTF-16 without a mark.")
        return raw.decode("utf-16-le", "replace"), "utf-16-le", True
    if head[:1] not in {b"{", b"[", b'"'} and raw.lstrip()[:1] not in {b"{", b"[", b'"'}:
        return "", "", False
    try:
        return raw.decode("utf-8"), "utf-8", True
    except UnicodeDecodeError:
        notes.add("not_utf8", "The text is not UTF-8; it was read as Windows-1252.")
        return raw.decode("cp1252", "replace"), "cp1252", True


def _unbase64(raw: bytes, notes: Notes) -> bytes:
    body = raw.strip(b"\x00 \t\r\n")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        pass
    if body.startswith(b"rcc||"):
        raise CardRefused(Reason.ENCRYPTED, "This card is encrypted (rcc).")
    if not body or not _BASE64.match(body):
        raise CardRefused(Reason.PAYLOAD_BAD, "The card's text is neither JSON nor base64.")
    if _SPACE.search(body):
        notes.add("base64_line_breaks", "The base64 text is broken into lines.")
        body = _SPACE.sub(b"", body)
    if b"-" in body or b"_" in body:
        notes.add("base64_url_safe", "The base64 text uses the URL alphabet.")
        body = body.translate(bytes.maketrans(b"-_", b"+/"))
    bare = body.rstrip(b"=")
    if len(body) % 4 or len(body) - len(bare) > 2:
        notes.add("base64_unpadded", "The base64 text lacks its padding.")
    if len(bare) % 4 == 1:
        raise CardRefused(Reason.PAYLOAD_BAD, "The card's base64 text is cut off.", "Download the file again.")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        raise CardRefused(
            Reason.PAYLOAD_BAD, "The card's base64 text is damaged.", "Download the file again."
        ) from None


def parse(text: str, notes: Notes) -> Any:
    """JSON with the mends that other programs need too: control characters, trailing commas, text after the end, NaN."""
    if len(text) > limits.MAX_PARTS and sum(map(text.count, "[{,")) > limits.MAX_PARTS:
        raise CardRefused(Reason.TOO_LARGE, f"The card's JSON has more than {limits.MAX_PARTS:,} parts.")
    odd: list[str] = []
    try:
        root = _strict(text, odd)
    except json.JSONDecodeError as e:
        root = _mended(text, e, notes, odd)
    if max(text.count("["), text.count("{")) > limits.MAX_DEPTH and is_deeper(root, limits.MAX_DEPTH):
        raise _too_deep()
    if odd:
        notes.add("number_odd", "The text holds NaN or Infinity, which JSON does not know; they are read as null.")
    return root


def _strict(text: str, odd: list[str]) -> Any:
    try:
        return numbers.decoder(text, odd, is_strict=True).decode(text)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number of more than 4,300 digits
        raise CardRefused(Reason.JSON_BAD, "The card holds a number of thousands of digits.") from None


def _too_deep() -> CardRefused:
    return CardRefused(Reason.JSON_DEEP, f"The card's JSON is nested deeper than {limits.MAX_DEPTH} levels.")


def _mended(text: str, first: json.JSONDecodeError, notes: Notes, odd: list[str]) -> Any:
    bare = text.strip("\ufeff\x00 \t\r\n")
    decoder = numbers.decoder(bare, odd)
    for candidate, code, detail in (
        (bare, "control_characters", "Strings hold raw line breaks or other control characters."),
        (_without_commas(bare), "trailing_comma", "A list or object ends with a comma."),
    ):
        try:
            root, end = decoder.raw_decode(candidate)
        except RecursionError:
            raise _too_deep() from None
        except ValueError:
            continue
        if candidate[end:].strip():
            notes.add("text_after_json", "There is other text after the end of the JSON.")
        if code == "trailing_comma" or "control character" in first.msg:
            notes.add(code, detail)
        return root
    raise CardRefused(
        Reason.JSON_BAD, f"The JSON breaks off or is wrong at line {first.lineno}, column {first.colno}: {first.msg}."
    )


def _without_commas(text: str) -> str:
    return _TRAILING_COMMA.sub(lambda m: m.group(1) or "", text)


def is_deeper(root: Any, limit: int) -> bool:
    """Whether lists and objects lie in each other more than `limit` times."""
    level: list[Any] = [root]
    for _ in range(limit):
        level = [child for node in level if isinstance(node, dict | list) for child in _children(node)]
        if not level:
            return False
    return any(isinstance(node, dict | list) for node in level)


def _children(node: dict[str, Any] | list[Any]) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node
    return [v for v in values if isinstance(v, dict | list)]

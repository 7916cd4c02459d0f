"""Bytes of a stored text to characters and back without losing one: byte-order marks, UTF-16, Windows-1252, stray bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Stored:
    """A text with what must stand around it in the file: its mark, and a last half character of a cut UTF-16 file."""

    text: str
    encoding: str
    mark: bytes = b""
    tail: bytes = b""

    def bytes(self) -> bytes:
        """The file's bytes."""
        return self.mark + self.text.encode(self.encoding, _errors(self.encoding)) + self.tail

    def with_text(self, text: str) -> Stored:
        """The same file with another text."""
        return replace(self, text=text)


def _errors(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"


def taken(raw: bytes, encoding: str) -> Stored:
    """The characters of a stored text in the encoding that the reader found."""
    mark = next((mark for mark, name in _MARKS if name == encoding and raw.startswith(mark)), b"")
    body = raw[len(mark) :]
    odd = len(body) % 2 if encoding.startswith("utf-16") else 0
    body, tail = (body[:-1], body[-1:]) if odd else (body, b"")
    return Stored(body.decode(encoding, _errors(encoding)), encoding, mark, tail)

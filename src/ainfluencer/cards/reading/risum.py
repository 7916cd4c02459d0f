"""The lorebook in `module.risum`, the binary module that Risu puts beside card.json in its CharX archives.

Layout [seen in RisuAI, 2025-12]: the byte 111, the version 0, a length (four bytes, little-endian), then JSON in which
every byte stands for another one; after it come the module's pictures, which are not looked at here.
"""

from __future__ import annotations

import struct
from typing import Any

from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.decoding import decode
from ainfluencer.cards.reading.values import Notes

MEMBER = "module.risum"
_HEAD = struct.Struct("<BBI")
_MAGIC, _VERSION = 111, 0
# What each byte means; measured by letting RisuAI's own packer unpack all 256 of them.
_MEANS = bytes.fromhex(
    "2cf7848bc965fbb69faeb3032d0169741fe4a3ecee5c3421934a0f6ae262029e229cfd3cfc71c7c6ad596705706d8a4412fa24865fafd17a"
    "47cefe5063dd51066f18e052a8099d56734cb8536cc3a00e19cf3e0d7e07326846ea48f9992eaba449205e5535380cbcd3b1581679280a1a"
    "e1f2cdc439dba2ba6072767d95ef7fc8c0de3794bfb51481922545ace7f566a72b365ac113e34b3ae88d831b7c27b09a42eb87aadc548e78"
    "26d25729d4b7f82f8f8975f04177c21effd81511e5049717f331d09b00d7cab44f2a3bd9b26bda5da13f3061bd913d4ee6dfbe4d828c1d23"
    "109864f485337b9043bba988f1d6a51cf6cc6eb95b0b96edd5e9c5cb08a68040"
)


def entries(data: bytes) -> list[dict[str, Any]]:
    """The lorebook entries of a module as Risu writes them; none when it has no lorebook or cannot be read."""
    if len(data) < _HEAD.size:
        return []
    magic, version, length = _HEAD.unpack_from(data)
    text = data[_HEAD.size : _HEAD.size + length]
    if (magic, version) != (_MAGIC, _VERSION) or len(text) < length or length > limits.MAX_PAYLOAD:
        return []
    try:
        root = decode(text.translate(_MEANS), Notes(), in_chunk=False).root
    except CardRefused:
        return []
    module = root.get("module") if isinstance(root, dict) else None
    found = module.get("lorebook") if isinstance(module, dict) else None
    listed = found if isinstance(found, list) else []
    return [
        one for one in listed if isinstance(one, dict) and one.get("mode") != "folder"
    ]  # a folder only sorts the others


def packed(text: bytes) -> bytes:
    """A module with that JSON and without pictures."""
    stands = bytes(_MEANS.index(value) for value in range(256))
    return _HEAD.pack(_MAGIC, _VERSION, len(text)) + text.translate(stands) + b"\0"

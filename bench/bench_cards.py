"""Cards read, edited and linted a second of one core's time, on a generated mix of the sizes that real cards have."""

from __future__ import annotations

import argparse
import base64
import json
import random
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

from ainfluencer.cards.linting import linter
from ainfluencer.cards.opening import open_card
from ainfluencer.cards.reading.values import Notes

WORDS = [
    "lamp",
    "fog",
    "harbour",
    "keeper",
    "winter",
    "letter",
    "stair",
    "glass",
    "tide",
    "quiet",
    "market",
    "bridge",
    "copper",
    "rain",
    "window",
    "garden",
    "old",
    "never",
    "slowly",
    "{{char}}",
    "{{user}}",
    "walks",
    "listens",
    "answers",
    "waits",
    "remembers",
    "laughs",
    "turns",
    "carries",
    "opens",
    "reads",
]
PICTURES = (15_000, 250_000, 400_000, 700_000)  # bytes of pixels; guide 5 measured a mean of 339 kB on real cards


def prose(dice: random.Random, words: int) -> str:
    """Words in sentences of eight."""
    made = [dice.choice(WORDS) for _ in range(words)]
    return ". ".join(" ".join(made[at : at + 8]) for at in range(0, words, 8)) + "."


def card(dice: random.Random, number: int) -> dict[str, Any]:
    """One card: V2 or V3, with and without a lorebook, some with a mirror of V1."""
    data: dict[str, Any] = {
        name: prose(dice, dice.choice((20, 60))) for name in ("personality", "scenario", "creator_notes")
    }
    data |= {
        "name": f"Ada {number}",
        "description": prose(dice, dice.choice((150, 500))),
        "first_mes": prose(dice, 150),
    }
    data |= {
        "mes_example": f"<START>\n{{{{char}}}}: {prose(dice, 80)}",
        "system_prompt": "",
        "post_history_instructions": "",
    }
    data |= {"alternate_greetings": [prose(dice, 120) for _ in range(dice.randrange(3))], "tags": ["sea", "night"]}
    data |= {"creator": "Mira", "character_version": "1", "extensions": {"talkativeness": "0.5", "fav": False}}
    if number % 3 == 0:
        entries = [
            {
                "keys": [f"key {n}"],
                "content": prose(dice, 40),
                "extensions": {"depth": 4},
                "enabled": True,
                "insertion_order": n,
                "id": n,
            }
            for n in range(dice.choice((5, 40)))
        ]
        data["character_book"] = {"extensions": {}, "entries": entries}
    if number % 4 == 0:
        data["group_only_greetings"] = []
        return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    mirror = {name: data[name] for name in ("name", "description", "first_mes")} if number % 5 == 0 else {}
    return {**mirror, "spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(dice: random.Random, number: int) -> bytes:
    """A PNG file whose pixels are noise (nobody decodes them), with the card behind them as SillyTavern writes it."""
    made = card(dice, number)
    keyword = b"ccv3" if made["spec"] == "chara_card_v3" else b"chara"
    text = chunk(b"tEXt", keyword + b"\0" + base64.b64encode(json.dumps(made, ensure_ascii=False).encode()))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 600, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", dice.randbytes(PICTURES[number % len(PICTURES)]))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + text + chunk(b"IEND", b"")


def read(data: bytes) -> None:
    """Bytes to the typed card."""
    open_card(data)


def write(data: bytes) -> None:
    """Bytes to the typed card, one field set, bytes again."""
    opened = open_card(data)
    editor = opened.editor()
    editor.set("description", "Somebody else.")
    opened.saved(editor, Notes())


def lint(data: bytes) -> None:
    """Bytes to findings, score and token budget."""
    linter.lint(open_card(data))


def a_second(work: Callable[[bytes], None], files: list[bytes], rounds: int) -> int:
    """Files a second of one core's time in the best round."""
    best = 0.0
    for _ in range(rounds):
        started = time.process_time()
        for data in files:
            work(data)
        best = max(best, len(files) / (time.process_time() - started))
    return round(best)


def main() -> None:
    """Print one line."""
    options = argparse.ArgumentParser()
    options.add_argument("--files", type=int, default=200)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    dice = random.Random(7)
    files = [picture(dice, number) for number in range(chosen.files)]
    lint(files[0])  # loads the vocabulary of the tokenizer
    told = {
        "bench": "cards",
        "files": len(files),
        "mean_bytes": sum(map(len, files)) // len(files),
        "reads_a_second": a_second(read, files, chosen.rounds),
        "writes_a_second": a_second(write, files, chosen.rounds),
        "lints_a_second": a_second(lint, files, chosen.rounds),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()

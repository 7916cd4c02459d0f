"""Coverage-guided fuzzing of everything that reads a stranger's card file. Run by hand, for as long as you like."""

#     pip install atheris
#     python tests/fuzz/fuzz_cards.py CORPUS -max_total_time=600 -timeout=20 -rss_limit_mb=2048 -max_len=200000
#
# CORPUS is a folder; an empty one is filled with samples of every container first. Whatever is found belongs into
# tests/unit/cards as a test.

from __future__ import annotations

import contextlib
import json
import sys
import zlib
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "src")]

from tests.support.cards import cards, pngs  # noqa: E402 - the path is set above

with atheris.instrument_imports(include=["ainfluencer.cards"]):
    from ainfluencer.cards import opening, service
    from ainfluencer.cards.bundles import bundle
    from ainfluencer.cards.converting import book_files, converter
    from ainfluencer.cards.linting import linter
    from ainfluencer.cards.reading.values import Notes
    from ainfluencer.cards.saving import archives
    from ainfluencer.cards.saving.saver import READ_ONLY
    from ainfluencer.core.errors import ProductError

NAMES = ("", "a.png", "a.json", "a.yaml", "a.charx", "a.byaf", "a.webp", "a.md")


def one(data: bytes) -> None:
    """Everything that may be done with an upload; only refusals may come out."""
    if not data:
        return
    name, data = NAMES[data[0] % len(NAMES)], data[1:]
    for look in (opening.inspect, service.read_source):
        with contextlib.suppress(ProductError):
            look(data, name)
    with contextlib.suppress(ProductError):
        bundle.read(data)
    with contextlib.suppress(ProductError):
        book_files.convert(data, name, "sillytavern", allow_loss=True)
    try:
        opened = opening.open_card(data, name)
    except ProductError:
        return
    assert opened.saved(opened.editor(), Notes()) == data or opened.payload.container in READ_ONLY
    linter.lint(opened)
    for target in ("json", "png", "charx"):
        try:
            made = converter.convert(opened, converter.Target(target, 3), allow_loss=True).data
        except ProductError:
            continue
        assert opening.open_card(made).card.name == opened.card.name
    _edited(opened, name)


def _edited(opened: opening.OpenCard, name: str) -> None:
    if opened.payload.container in READ_ONLY:
        return
    editor = opened.editor()
    try:
        editor.set("name", "Bo “é” {{x}}")
        made = opened.saved(editor, Notes())
        again = opening.open_card(made, name)
    except ProductError:
        return
    assert again.card.name == "Bo “é” {{x}}"
    assert again.card.description == opened.card.description


def fill(folder: Path) -> None:
    """Samples of every container, each with the byte that chooses its name."""
    book = {"entries": [{"keys": ["lamp", "/s.a/i"], "content": "@@depth 4\nIt turns.", "enabled": True, "insertion_order": 1, "extensions": {}, "use_regex": True}], "extensions": {}}  # fmt: skip
    v2, v3 = cards.v2(character_book=book), cards.v3(character_book=book, assets=[{"type": "icon", "uri": "embeded://a.png", "name": "main", "ext": "png"}])  # fmt: skip
    text = json.dumps(v3).encode()
    samples = {
        1: [pngs.png(pngs.text("chara", pngs.b64(v2)), pngs.text("ccv3", pngs.b64(v3))), pngs.png(pngs.ztext("chara", pngs.b64(v2)))],
        2: [text, json.dumps([{"card": v2}]).encode(), text.decode().encode("utf-16"), json.dumps({"entries": {"0": {"key": ["a"], "content": "b"}}}).encode()],
        3: [b"name: Ada\ngreeting: |-\n  Hello\ncontext: 'Ada keeps a light.'\n"],
        4: [archives.packed([("card.json", text), ("a.png", pngs.png()), ("module.risum", zlib.compress(b"x"))])],
        5: [archives.packed([("manifest.json", b'{"schemaVersion":1,"characters":["c.json"],"scenarios":["s.json"]}'), ("c.json", b'{"name":"Ada","persona":"x","loreItems":[{"key":"a, b","value":"c"}]}'), ("s.json", b'{"narrative":"n","firstMessages":[{"text":"hi"}]}')])],
        7: [b"# Ada\nAda is 29 and keeps a lighthouse near Porto. Likes: tides, tea.\n"],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for first, datas in samples.items():
        for number, data in enumerate(datas):
            (folder / f"seed-{first}-{number}").write_bytes(bytes([first]) + data)


def main() -> None:
    """Fuzz until the time is over."""
    folder = next((Path(word) for word in sys.argv[1:] if not word.startswith("-")), None)
    if folder and (not folder.exists() or not any(folder.iterdir())):
        fill(folder)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

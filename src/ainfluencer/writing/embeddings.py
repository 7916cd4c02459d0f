"""How near texts are in meaning: MiniLM (int8, English) by onnxruntime, or shared words where the pack is not installed."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ainfluencer.core.config import settings
from ainfluencer.operations import packs
from ainfluencer.operations.errors import PackDamaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_PACK = "minilm"
SIZE = 384  # numbers in one vector
_LONGEST = 128  # tokens; the model was trained on sentences of this length
_CACHED = 4096  # texts whose vectors are kept (3 MB)
_BATCH = 32


class WordPiece:
    """BERT's uncased tokenizer, as its tokenizer.json describes it."""

    def __init__(self, vocabulary: dict[str, int]) -> None:
        self._words = vocabulary
        self._unknown = vocabulary["[UNK]"]

    @classmethod
    def read(cls, file: Path) -> WordPiece:
        """From a tokenizer.json."""
        return cls(json.loads(file.read_text("utf-8"))["model"]["vocab"])

    def ids(self, text: str) -> list[int]:
        """Token ids with [CLS] and [SEP], at most 128."""
        found: list[int] = []
        for word in self._split(text):
            found += self._pieces(word)
        return [self._words["[CLS]"], *found[: _LONGEST - 2], self._words["[SEP]"]]

    @staticmethod
    def _split(text: str) -> list[str]:
        letters = []
        for char in unicodedata.normalize("NFD", text.lower()):
            kind = unicodedata.category(char)
            if char in "\t\n\r" or kind == "Zs":
                letters.append(" ")
            elif kind == "Mn" or kind[0] == "C" or char == "\ufffd":
                continue
            elif _stands_alone(char, kind):
                letters.append(f" {char} ")
            else:
                letters.append(char)
        return "".join(letters).split()

    def _pieces(self, word: str) -> list[int]:
        if len(word) > 100:
            return [self._unknown]
        found, start = [], 0
        while start < len(word):
            end = len(word)
            while end > start:
                piece = self._words.get(word[start:end] if start == 0 else f"##{word[start:end]}")
                if piece is not None:
                    found.append(piece)
                    break
                end -= 1
            else:
                return [self._unknown]
            start = end
        return found


def _stands_alone(char: str, kind: str) -> bool:
    code = ord(char)
    if kind[0] == "P" or 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126:
        return True
    return any(
        low <= code <= high for low, high in ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2EBEF))
    )


class Embedder:
    """Loads on first use, leaves memory when idle. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokens: WordPiece | None = None
        self._home: Path | None = None
        self._cache: OrderedDict[str, NDArray[np.float16]] = OrderedDict()
        self._timer: threading.Timer | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._session is not None

    @staticmethod
    def is_installed() -> bool:
        """Whether the model pack is here."""
        return packs.is_installed(settings().data, _PACK)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text, shape (n, 384). Needs the pack (`is_installed`)."""
        import numpy as np

        with self._lock:
            missing = [t for t in dict.fromkeys(texts) if t not in self._cache]
            if missing:
                self._load()
                for start in range(0, len(missing), _BATCH):
                    batch = missing[start : start + _BATCH]
                    for text, vector in zip(batch, self._run(batch), strict=True):
                        self._cache[text] = vector.astype(np.float16)
                self._rest()
            found = (
                np.stack([self._cache[t] for t in texts]).astype(np.float32)
                if texts
                else np.zeros((0, SIZE), np.float32)
            )
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return found

    def unload(self) -> None:
        """Leave memory now."""
        with self._lock:
            self._session = self._tokens = None

    def _load(self) -> None:
        home = settings().data
        if self._session is not None and self._home == home:
            return
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2  # the default takes every core of the machine
        options.log_severity_level = 3
        model, tokens = (packs.file_of(home, _PACK, name) for name in ("model.onnx", "tokenizer.json"))
        try:
            self._tokens = WordPiece.read(tokens)
        except (ValueError, KeyError, TypeError) as error:
            raise packs.damaged(home, _PACK, error) from error
        self._session = packs.open_model(home, _PACK, model, options)
        self._home = home

    def _run(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        if self._tokens is None:
            msg = "the model is not loaded"
            raise RuntimeError(msg)
        rows = [self._tokens.ids(t) for t in texts]
        width = max(len(r) for r in rows)
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        (states,) = self._session.run(
            ["last_hidden_state"], {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )
        pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Vectors = (pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(settings().text_idle_seconds, self.unload)
        self._timer.daemon = True
        self._timer.start()


EMBEDDER = Embedder()


async def nearness(query: str, texts: Sequence[str]) -> list[float]:
    """How near each text is to the query, 0..1: cosine of MiniLM vectors, or shared words without the pack."""
    if not texts:
        return []
    if not EMBEDDER.is_installed():
        return [shared(query, t) for t in texts]
    try:
        vectors = await asyncio.to_thread(EMBEDDER.vectors, [query, *texts])
    except PackDamaged:  # said in the log, and in the list of packs from now on
        return [shared(query, t) for t in texts]
    return [float(max(0.0, v)) for v in vectors[1:] @ vectors[0]]


_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "and",
        "or",
        "for",
        "with",
        "is",
        "are",
        "it",
        "its",
        "be",
        "this",
        "that",
        "i",
        "you",
        "my",
        "your",
        "we",
        "our",
        "as",
        "by",
        "from",
    ]
)


def shared(a: str, b: str) -> float:
    """Share of content words that two texts have in common, 0..1: the stand-in without a model."""
    left, right = _content(a), _content(b)
    return len(left & right) / max(1, min(len(left), len(right)))


def _content(text: str) -> set[str]:
    return {w[:6] for w in re.findall(r"[^\W_]+", text.lower()) if w not in _SMALL and len(w) > 2}

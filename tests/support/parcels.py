"""Parcels and pictures for tests of channels."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from ainfluencer.integrations.values import Parcel, ParcelMedia

MORNING = datetime(2026, 11, 21, 8, 30, 0, 123000, tzinfo=UTC)


def picture(
    folder: Path, name: str = "harbour.png", *, size: tuple[int, int] = (48, 60), noise: bool = False
) -> ParcelMedia:
    """A PNG on disk; `noise` makes one that does not compress (about three bytes a pixel)."""
    path = folder / name
    if noise:
        image = Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))
    else:
        image = Image.new("RGB", size, (30, 90, len(name) * 7 % 255))
    image.save(path)
    data = path.read_bytes()
    return ParcelMedia(
        path=path, mime="image/png", width=size[0], height=size[1], size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(), alt_text=f"A picture called {name}",
    )  # fmt: skip


def parcel(key: str = "delivery-1", text: str = "Morning at the harbour", **values: Any) -> Parcel:
    """A parcel with an instant of its own, as deliveries make them."""
    return Parcel(**{"key": key, "text": text, "created_at": MORNING, **values})

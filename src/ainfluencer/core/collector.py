"""Keeps the garbage collector out of a start: it would walk through everything that is being loaded, over and over."""

from __future__ import annotations

import gc


def rest() -> None:
    """From here on nothing is collected; half a second of a start is worth a few megabytes that come and go."""
    gc.disable()


def wake() -> None:
    """Collect again. What a start loaded stays until the end, so it is never looked at again. Only after `rest`."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

"""A piece of work that takes its process down for one file, as a picture bomb does on a small machine."""

from __future__ import annotations

import os
import signal
from typing import Any

from ainfluencer.cards.batching import actions

_REAL = actions.do


def do(order: actions.Order, task: actions.Task) -> dict[str, Any]:
    if task.file == "/dev/stdin":
        os.kill(os.getpid(), signal.SIGKILL)
    return _REAL(order, task)

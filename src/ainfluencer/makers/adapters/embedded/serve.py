"""The child process: serves one model file on a random loopback port and ends when its parent does.

The order comes as one line of JSON on standard input, so that no key shows in the list of processes. Standard input
then stays open; its end means that the parent is gone (by any death, SIGKILL included).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

# How often a thread looks before it sleeps while it waits for the others of its team (libgomp reads it when it is loaded).
# Left alone it looks for as long as a core has nothing better to do, by its own guess: on two cores with one busy, 20 tokens
# then took 26 to 59 seconds instead of 2.7 (xllamacpp 2026.10, four runs each, 2026-11-21).
SPINS = "1000"


def _server(order: dict[str, Any]) -> Any:
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order["model"]
    params.n_ctx = order["context"] * order["parallel"]  # shared out among the slots
    params.n_parallel = order["parallel"]
    params.cpuparams.n_threads = order["threads"]
    params.cpuparams_batch.n_threads = order["threads"]
    params.api_keys = [order["key"]]
    params.model_alias = {order["name"]}
    params.port = 0
    params.ui = False
    params.verbosity = 1
    return xllamacpp.Server(params)


def main() -> None:
    """Serve until standard input ends. Exit code 3: the system lacks a library; 4: the model cannot be loaded."""
    order = json.loads(sys.stdin.readline())
    try:
        server = _server(order)
    except ImportError as e:
        sys.stderr.write(f"missing-library: {e}\n")
        sys.stderr.flush()
        os._exit(3)
    except (RuntimeError, ValueError, OSError) as e:
        sys.stderr.write(f"cannot-load: {e}\n")
        sys.stderr.flush()
        os._exit(4)
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    while sys.stdin.readline():
        pass
    os._exit(0)  # at once: a running generation must not keep an orphan alive


if __name__ == "__main__":
    main()

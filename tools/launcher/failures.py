"""Reads the end of a failed command's output and says in plain words what happened and what to do."""

from __future__ import annotations

import re

NETWORK = (
    "The package index cannot be reached. The first start downloads packages and models; later starts need no network.",
    "Check the connection, or the proxy and mirror settings of pip and npm, and run the same command again.",
)
TAMPERED = (
    "A downloaded file does not have the recorded checksum, so nothing was installed from it.",
    "Run the same command again. If it happens again, the mirror that serves the file is not to be trusted.",
)
DISK = ("The disk is full.", "Make room (about 2 GB for everything) and run the same command again.")
NO_PIP = (
    "This Python has no pip, so it cannot install anything.",
    "Debian, Ubuntu: sudo apt install python3-venv python3-pip. Elsewhere: python -m ensurepip. Then run the same command again.",
)
NO_WHEEL = (
    "A package is not offered for this system or this Python.",
    "Use a 64-bit Python 3.11 to 3.14 on Linux, macOS or Windows and run the same command again.",
)
FORBIDDEN = (
    "A file or folder may not be written.",
    "Check who owns the folder (was an earlier start made as administrator?) and run the same command again.",
)
UNKNOWN = (
    "The reason is not one that this program knows.",
    "Run it again with --verbose to see everything that was printed.",
)

# Asked in this order: a full disk also breaks downloads, and a wrong checksum also says "failed to fetch".
SIGNS: tuple[tuple[tuple[str, ...], tuple[str, str]], ...] = (
    (("no space left", "enospc", "not enough space", "disk quota", "os error 28", "errno 28", "os error 112"), DISK),
    (("hash mismatch", "hashes mismatch", "do not match the hashes", "eintegrity"), TAMPERED),
    (("no module named pip", "no module named ensurepip", "ensurepip is not available"), NO_PIP),
    (
        (
            "name resolution", "name or service", "getaddrinfo", "eai_again", "enotfound", "network is unreachable",
            "econnrefused", "connection refused", "connection reset", "econnreset", "dns error", "failed to lookup address",
            "failed to fetch", "error sending request", "newconnectionerror", "timed out", "etimedout", "network connectivity",
            "certificate verify failed", "invalid peer certificate", "tunnel connection failed", "proxyerror", "nodename nor servname",
        ),
        NETWORK,
    ),
    (("no matching distribution", "no wheels with a matching", "no solution found", "has no wheels", "ebadplatform"), NO_WHEEL),
    (("permission denied", "eacces", "eperm", "access is denied", "read-only file system"), FORBIDDEN),
)  # fmt: skip


def explain(output: str) -> tuple[str, str]:
    """What happened, and what to do now."""
    low = output.lower()
    for signs, reason in SIGNS:
        # at the start of a word: “ModuleNotFoundError” is no ENOTFOUND
        if any(re.search(r"(?<!\w)" + re.escape(sign), low) for sign in signs):
            return reason
    return UNKNOWN


def report(title: str, output: str) -> str:
    """The whole message of a failed step: the last lines, what happened, what to do."""
    tail = "\n".join("  | " + line[:200] for line in output.strip().splitlines()[-10:])
    what, now = explain(output)
    return f"{title} failed.\n{tail}\n{what}\n{now}"

"""What this product is never going to do on a platform, and why: shown where somebody would look for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declined:
    """One thing that is not built, on purpose; `instead` is what is built."""

    title: str
    reason: str
    instead: str = ""


DECLINED: tuple[Declined, ...] = (
    Declined(
        "Fingerprint management",
        "Pretending to be other devices or browsers exists only to get around a platform’s enforcement.",
        "Accounts are connected through official interfaces, as what they are.",
    ),
    Declined(
        "Proxy rotation",
        "Many addresses for one machine hide who acts. Platforms ban it, and it harms everybody who is honest.",
        "One connection for each account, inside its own rate limits.",
    ),
    Declined(
        "Browser stealth",
        "Driving a hidden browser with its automation marks removed breaks the terms of every platform we know.",
        "Platforms without an interface get a hand-off: ready-cut media, caption and checklist for a person.",
    ),
    Declined(
        "Avoiding detection",
        "Imitating a human so that a machine is not noticed deceives the people on the other side.",
        "Every post is labelled as made by AI, and a provenance report shows what any verifier will read.",
    ),
    Declined(
        "Account warming",
        "Faking the history of a new account is fake engagement under another name.",
        "The Stage: a private network where characters practise before anybody real sees them.",
    ),
    Declined(
        "Likes, follows and reposts by machine",
        "Where a platform’s rules treat them as spam, the button is not there.",
        "Answers are drafted by AI and sent by a person; on the Stage everything may run by itself.",
    ),
)

"""Why a card file is refused. The codes are stable: pages, the command line and scripts rely on them."""

from __future__ import annotations

from enum import StrEnum

from ainfluencer.core.errors import InvalidInput


class Reason(StrEnum):
    """The stable word for each refusal."""

    EMPTY = "empty_file"
    TOO_LARGE = "file_too_large"
    NOT_A_CARD = "not_a_card"
    LOREBOOK = "lorebook_not_card"
    PNG_TRUNCATED = "png_truncated"
    PNG_NO_CARD = "png_no_card"
    PNG_MANY_CHUNKS = "png_too_many_chunks"
    PICTURE_NO_CARD = "picture_no_card"
    PAYLOAD_BAD = "payload_undecodable"
    ENCRYPTED = "card_encrypted"
    INFLATED = "inflated_too_large"
    JSON_BAD = "json_invalid"
    JSON_DEEP = "json_too_deep"
    YAML_BAD = "yaml_invalid"
    YAML_ALIASES = "yaml_aliases"
    ZIP_BAD = "zip_damaged"
    ZIP_BOMB = "zip_bomb"
    ZIP_ENCRYPTED = "zip_encrypted"
    ZIP_MANY = "zip_too_many_entries"
    CHARX_NO_CARD = "charx_no_card"
    CHARX_CASE = "charx_card_wrong_case"
    BYAF_BAD = "byaf_incomplete"
    BRIEF_EMPTY = "brief_empty"
    OUR_FAULT = "reader_failed"


_NEXT = {
    Reason.OUR_FAULT: "Keep the file and tell us of it: the log has the place where it failed.",
    Reason.TOO_LARGE: "Use a smaller file, or take the picture out of the archive.",
    Reason.LOREBOOK: "Choose the card that this lorebook belongs to; the book can be added to it.",
    Reason.PNG_TRUNCATED: "Download the file again; it was cut off on its way.",
    Reason.PNG_NO_CARD: "Choose the original download: screenshots and re-saved pictures lose the card.",
    Reason.PICTURE_NO_CARD: "Choose the original download: screenshots and re-saved pictures lose the card.",
    Reason.ENCRYPTED: "Export the card without encryption in the program that made it.",
    Reason.JSON_BAD: "Export the card again, or correct the place that is named.",
    Reason.CHARX_CASE: "Rename the file inside the archive to card.json in small letters.",
}


class CardRefused(InvalidInput):
    """A file that is no readable card; `reason` holds the stable code."""

    default_next_step = "Choose a character card (PNG, JSON, CharX, BYAF or YAML) or a short brief."

    def __init__(self, reason: Reason, detail: str, next_step: str = "") -> None:
        super().__init__(detail, next_step or _NEXT.get(reason, ""), code=reason.value, field="file")


def our_fault(error: Exception) -> CardRefused:
    """A file on which our own code failed: it is refused like a bad one, so that it stops none of the others."""
    return CardRefused(Reason.OUR_FAULT, f"Reading this file failed on our side ({type(error).__name__}).")

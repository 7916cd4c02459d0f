"""The card in an EXIF comment: JSON as it is or in base64, a card of any version or Backyard's own form."""

from __future__ import annotations

import json

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import backyard
from ainfluencer.cards.reading.decoding import Decoded, decode
from ainfluencer.cards.reading.shape import find_card
from ainfluencer.cards.reading.values import Notes


def card_in(comment: bytes, notes: Notes) -> Decoded | None:
    """What a comment holds, when it is a card; Backyard's form comes as the text of a V2 card.

    None for what cameras, editors and picture generators write there. `CardRefused` for a card that is encrypted or too deep.
    """
    try:
        decoded = decode(comment, notes, in_chunk=True)
    except CardRefused as refusal:
        if refusal.reason == Reason.PAYLOAD_BAD:
            return None
        raise
    notes[:] = [n for n in notes if n.code != "raw_json_in_chunk"]  # plain JSON is the rule in EXIF
    card = backyard.card_of_picture(decoded.root, notes)
    if card is not None:
        return Decoded(json.dumps(card, ensure_ascii=False).encode("utf-8", "surrogatepass"), card, "utf-8", ())
    return decoded if find_card(decoded.root, Notes())[0] is not None else None

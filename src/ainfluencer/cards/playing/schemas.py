"""What the routes of playing take: a card that need not be saved, and how the chat is set."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ainfluencer.cards.playing.chats import Message
from ainfluencer.cards.playing.lore import Options
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.reading.card import Card

Line = Annotated[str, Field(max_length=200_000)]


class ChatLine(BaseModel):
    """One message of the chat."""

    role: Literal["user", "assistant"] = "user"
    text: Line


class Unsaved(BaseModel):
    """A card by its content (a whole card, or the fields of one) or by its id."""

    content: dict[str, Any] | None = Field(default=None, description="A card as JSON, whole or only its data")
    card_id: str = Field(default="", max_length=40, description="A card of the library, where no content is sent")
    context: int = Field(default=8192, ge=256, le=10_000_000, description="Tokens of the chat's context")
    user: str = Field(default="You", max_length=200, description="What {{user}} becomes")
    persona: str = Field(default="", max_length=20_000, description="What {{persona}} becomes")
    seed: int = Field(default=0, ge=0, le=2**53, description="Settles {{pick}}, dice and chances")
    roll: int = Field(default=0, ge=0, le=2**53, description="Another number makes {{random}} and {{roll}} fall anew")

    def scene(self, card: Card, last: str = "") -> Scene:
        """Who speaks with whom."""
        return Scene(card, self.user, self.persona, self.seed, self.roll, last=last)


class Chat(Unsaved):
    """A chat to try a card on."""

    messages: list[ChatLine] = Field(default=[], max_length=1000, description="The newest last")
    greeting: int = Field(default=0, ge=0, le=100_000, description="The greeting that opens the chat; 0 is first_mes")
    rules: Literal["", "spec", "sillytavern"] = Field(
        default="", description="Whose ways; empty: by the card's version"
    )
    budget: int = Field(default=0, ge=0, le=10_000_000, description="Tokens for lore; 0: the book's own")
    scan_depth: int = Field(default=2, ge=0, le=1000, description="Messages that are searched, unless the book says")
    recursive: bool | None = Field(default=None, description="Whether lore fires lore; left out: as the book says")
    group_scoring: bool = Field(default=False, description="Of a group the entry with the most keys found is left")

    def options(self) -> Options:
        """How the chat program is set."""
        replies = sum(one.role == "assistant" for one in self.messages) + 1  # and its greeting
        own = (self.rules or None, self.context, self.budget, self.scan_depth, self.recursive, self.greeting, replies)
        return Options(*own, counts_keys=self.group_scoring)

    def spoken(self) -> list[Message]:
        """The chat after its greeting."""
        return [Message(one.role, one.text) for one in self.messages]


class LorebookTrial(Chat):
    """A text, or a chat, to try a lorebook on."""

    text: Line = Field(default="", description="The newest message, in short")

    def said(self) -> list[Message]:
        """Every message, the newest last."""
        last = [Message("user", self.text)] if self.text or not self.messages else []
        return [*self.spoken(), *last]

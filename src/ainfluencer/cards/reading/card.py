"""One typed view over V1, V2, V3, Pygmalion and textgen cards. Looking coerces; the stored text stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One lorebook entry."""

    keys: tuple[str, ...]
    content: str
    name: str = ""
    comment: str = ""
    is_enabled: bool = True
    is_constant: bool = False
    is_selective: bool = False
    secondary_keys: tuple[str, ...] = ()
    uses_regex: bool = False
    is_case_sensitive: bool | None = None
    order: float = 0
    priority: float | None = None
    position: str = ""
    id: str = ""
    extensions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """A lorebook."""

    name: str = ""
    description: str = ""
    scan_depth: int | None = None
    token_budget: int | None = None
    is_recursive: bool | None = None
    entries: tuple[Entry, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardAsset:
    """A V3 asset reference."""

    type: str
    uri: str
    name: str
    ext: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says, all versions alike."""

    spec: str  # v1 | v2 | v3
    spec_version: str
    name: str = ""
    nickname: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    alternate_greetings: tuple[str, ...] = ()
    group_only_greetings: tuple[str, ...] = ()
    creator_notes: str = ""
    creator_notes_multilingual: dict[str, str] = field(default_factory=dict)
    system_prompt: str = ""
    post_history_instructions: str = ""
    tags: tuple[str, ...] = ()
    creator: str = ""
    character_version: str = ""
    source: tuple[str, ...] = ()
    creation_date: int | None = None
    modification_date: int | None = None
    assets: tuple[CardAsset, ...] = ()
    book: Book | None = None
    extensions: dict[str, Any] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """What {{char}} becomes: the nickname, else the name."""
        return self.nickname or self.name

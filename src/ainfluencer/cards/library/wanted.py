"""The filter as it stands in an address: every value is text, and what cannot be understood means “any”."""

from __future__ import annotations

from typing import Any, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from ainfluencer.cards.library.schemas import Filter

SCORES = (("90", "90 and more"), ("75", "75 and more"), ("50", "50 and more"))
TOKENS = (("500", "Up to 500 tokens"), ("1000", "Up to 1,000 tokens"), ("2000", "Up to 2,000 tokens"))
RATINGS = (("safe", "Safe"), ("suggestive", "Suggestive"), ("explicit", "For adults"))
SPECS = (("v1", "V1"), ("v2", "V2"), ("v3", "V3"))
CONTAINERS = (
    ("png", "PNG"), ("apng", "Animated PNG"), ("json", "JSON"), ("charx", "CharX"), ("jpeg+charx", "JPEG with CharX"),
    ("byaf", "Backyard"), ("png+exif", "PNG with EXIF"), ("webp", "WebP"), ("jpeg", "JPEG"), ("yaml", "YAML"),
)  # fmt: skip
LORE = (("with", "With a lorebook"), ("without", "Without a lorebook"))
PEOPLE = (("any", "Made into a character"), ("none", "No character yet"))
SORTS = (
    ("newest", "Newest first"), ("changed", "Last changed first"), ("name", "By name"), ("score", "Best score first"),
    ("tokens", "Fewest tokens first"), ("-tokens", "Most tokens first"), ("creator", "By creator"),
)  # fmt: skip


class Wanted(BaseModel):
    """What the page of cards is asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: str = ""
    tag: list[str] = []
    creator: str = ""
    spec: str = ""
    container: str = ""
    rating: str = ""
    character: str = ""
    favourite: str = ""
    lore: str = ""
    score: str = ""
    tokens: str = ""
    sort: str = "newest"
    view: str = ""
    cursor: str = ""

    def filter(self, *, in_bin: bool = False) -> Filter:
        """The same as the library's own filter."""
        sort = self.sort.removeprefix("-")
        return Filter(
            q=self.q[:200],
            tag=tuple(self.tags),
            creator=self.creator[:200],
            spec=_one_of("spec", self.spec),
            container=self.container[:16],
            rating=_one_of("rating", self.rating),
            character=self.character[:26],
            favourite=bool(self.favourite),
            has_lorebook={"with": True, "without": False}.get(self.lore),
            min_score=int(self.score) if self.score in dict(SCORES) else 0,
            max_tokens=int(self.tokens) if self.tokens in dict(TOKENS) else 0,
            sort=_one_of("sort", sort) or "newest",
            reverse=self.sort.startswith("-"),
            in_bin=in_bin,
        )

    @property
    def tags(self) -> list[str]:
        """The tags that must match, without blanks."""
        return [one.strip()[:60] for one in self.tag if one.strip()][:10]

    @property
    def is_table(self) -> bool:
        """Whether cards are shown as rows."""
        return self.view == "table"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        kept = {"sort": self.sort, "cursor": self.cursor, "view": self.view}
        return self != Wanted(**kept, tag=[] if self.tags else self.tag)

    def url(self, path: str = "/cards", **changes: Any) -> str:
        """The address with this filter, and with `changes`."""
        values = self.model_dump(exclude={"cursor"}) | {"tag": self.tags} | changes
        pairs = [(k, v) for k, v in values.items() if v and not (k == "sort" and v == "newest")]
        return path + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")


def _one_of(field: str, value: str) -> Any:
    return value if value in get_args(Filter.model_fields[field].annotation) else ""

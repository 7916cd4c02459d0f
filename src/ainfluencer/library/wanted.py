"""The filter as it stands in an address: every value is text, and what cannot be understood means "any"."""

from __future__ import annotations

from typing import Any, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from ainfluencer.library.schemas import Filter

SCORES = (("0.9", "90 and more"), ("0.75", "75 and more"), ("0.5", "50 and more"))
KINDS = (("image", "Pictures"), ("video", "Film"), ("audio", "Sound"))
STATES = (("draft", "Draft"), ("approved", "Approved"), ("rejected", "Rejected"))
RATINGS = (("safe", "Safe"), ("suggestive", "Suggestive"), ("adult", "Adult"), ("unknown", "Not rated"))
SORTS = (("new", "Newest first"), ("old", "Oldest first"), ("score", "Best score first"))


class Wanted(BaseModel):
    """What the library page is asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: str = ""
    character: str = ""
    kind: str = ""
    state: str = ""
    rating: str = ""
    score: str = ""
    favourite: str = ""
    tag: list[str] = []
    collection: str = ""
    sort: str = "new"
    cursor: str = ""

    def filter(self) -> Filter:
        """The same as the library's own filter."""
        known = dict(SCORES)
        return Filter(
            q=self.q[:120],
            character_id=self.character[:26],
            kind=_one_of("kind", self.kind),
            state=_one_of("state", self.state),
            rating=_one_of("rating", self.rating),
            min_score=float(self.score) if self.score in known else 0.0,
            favourite=bool(self.favourite),
            tags=tuple(self.tags),
            collection_id=self.collection[:26],
            sort=_one_of("sort", self.sort) or "new",
        )

    @property
    def tags(self) -> list[str]:
        """The tags that must match, without blanks."""
        return [t.strip()[:60] for t in self.tag if t.strip()][:10]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        empty = Wanted(sort=self.sort, cursor=self.cursor, tag=self.tag if not self.tags else [])
        return self != empty

    def url(self, **changes: Any) -> str:
        """The library's address with this filter, and with `changes`."""
        values = self.model_dump(exclude={"cursor"}) | changes
        pairs = [(k, v) for k, v in values.items() if v and not (k == "sort" and v == "new")]
        return "/library" + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")


def _one_of(field: str, value: str) -> Any:
    return value if value in get_args(Filter.model_fields[field].annotation) else ""

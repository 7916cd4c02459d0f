"""The composer's form as a value: read from what was sent, from a post, or empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from ainfluencer.publishing.content import Content
from ainfluencer.publishing.schemas import NewPost
from ainfluencer.web.filters import local_input


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer. `texts` by channel id, `alt_texts` by asset id, `due_local` on the zone's clock."""

    character_id: str = ""
    caption: str = ""
    hashtags: str = ""
    language: str = ""
    channel_ids: tuple[str, ...] = ()
    asset_ids: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    alt_texts: Mapping[str, str] = field(default_factory=dict)
    due_local: str = ""
    post_id: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        """The hashtags as words."""
        return tuple(self.hashtags.replace("#", " ").replace(",", " ").split())

    def new_post(self) -> NewPost:
        """The same as a new post, without its date; `ValidationError` where it is too long."""
        return NewPost(
            character_id=self.character_id,
            caption=self.caption,
            hashtags=self.tags,
            asset_ids=self.asset_ids,
            channel_ids=self.channel_ids,
            language=self.language or "en",
            alt_texts=dict(self.alt_texts),
            texts=dict(self.texts),
        )


def read(form: FormData, post_id: str = "") -> Draft:
    """The draft that was sent, after the button that adds, removes or moves a picture."""
    one = {name: str(value) for name, value in form.items()}
    draft = Draft(
        character_id=one.get("character_id", ""),
        caption=one.get("caption", "").replace("\r\n", "\n"),
        hashtags=one.get("hashtags", ""),
        language=one.get("language", ""),
        channel_ids=tuple(dict.fromkeys(str(value) for value in form.getlist("channel_ids") if value)),
        asset_ids=tuple(dict.fromkeys(str(value) for value in form.getlist("asset_ids") if value)),
        texts=_prefixed(one, "text_"),
        alt_texts=_prefixed(one, "alt_"),
        due_local=one.get("due_local", ""),
        post_id=post_id or one.get("post_id", ""),
    )
    return replace(draft, asset_ids=_arranged(draft.asset_ids, one))


def _prefixed(one: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in one.items() if name.startswith(prefix)}


def _arranged(ids: tuple[str, ...], one: Mapping[str, str]) -> tuple[str, ...]:
    if (added := one.get("add", "")) and added not in ids:
        return (*ids, added)
    if removed := one.get("remove", ""):
        return tuple(asset_id for asset_id in ids if asset_id != removed)
    if (moved := one.get("earlier", "")) in ids[1:]:
        here = ids.index(moved)
        return (*ids[: here - 1], moved, ids[here - 1], *ids[here + 1 :])
    return ids


def of_content(content: Content) -> Draft:
    """The draft of a post that exists."""
    post = content.post
    return Draft(
        character_id=post.character_id,
        caption=post.caption,
        hashtags=" ".join(f"#{tag}" for tag in post.hashtags),
        language=post.language,
        channel_ids=tuple(channel.id for _, channel in content.variants),
        asset_ids=tuple(picture.asset.id for picture in content.pictures),
        texts={channel.id: variant.text for variant, channel in content.variants if variant.text},
        alt_texts={picture.asset.id: picture.alt_text for picture in content.pictures},
        due_local=local_input(post.due_at, post.timezone),
        post_id=post.id,
    )

"""Checks a post against what each of its channels takes, before anybody approves it. Used by service, API and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.core.errors import InvalidInput
from ainfluencer.integrations import text as lengths
from ainfluencer.integrations.manifest import Access, Action, Counting, Limits, Manifest
from ainfluencer.publishing import adapting
from ainfluencer.publishing.content import Content, Picture, facts, is_stored
from ainfluencer.publishing.labels import Labelled
from ainfluencer.publishing.models import Variant
from ainfluencer.studio.models import AssetState, Rating


class Severity(StrEnum):
    """Whether it may go out like this."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a channel will refuse (error) or that could be better (warning)."""

    code: str
    severity: Severity
    detail: str
    hint: str
    channel_id: str = ""
    field: str = ""
    suggestion: str = ""  # a value for `field` that would pass, where one can be worked out


class PreflightFailed(InvalidInput):
    """The post cannot go out as it is; `problems` says why for each channel."""

    code = "preflight_failed"
    default_next_step = "Mend what is named and try again."

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(first.detail + more, first.hint, field=first.field)
        self.problems = problems


_UNITS = {
    Counting.CHARACTERS: "characters",
    Counting.GRAPHEMES: "characters",
    Counting.MASTODON: "characters",
    Counting.UTF16: "UTF-16 units",
    Counting.BYTES: "bytes",
}


def check(content: Content) -> list[Problem]:
    """Every problem of the post on every channel; errors first. Reads files' presence, calls nothing outside."""
    found = list(_post(content))
    for variant, channel in content.variants:
        found += _variant(content, variant, channel)
    return sorted(found, key=lambda problem: problem.severity is not Severity.ERROR)


def require(content: Content) -> list[Problem]:
    """The warnings, or `PreflightFailed` with the errors."""
    found = check(content)
    if errors := [problem for problem in found if problem.severity is Severity.ERROR]:
        raise PreflightFailed(errors)
    return found


def _post(content: Content) -> Iterator[Problem]:
    if not content.variants:
        yield Problem(
            "no_channel",
            Severity.ERROR,
            "The post goes to no channel.",
            "Choose at least one channel.",
            field="channel_ids",
        )
    if not content.post.caption.strip() and not content.pictures:
        yield Problem(
            "empty", Severity.ERROR, "The post has neither words nor a picture.", "Add one of them.", field="caption"
        )
    if content.post.drawing_job_id:
        yield Problem(
            "picture_not_drawn",
            Severity.ERROR,
            "The picture with the new words is not there yet.",
            "Wait for it, draw it again, or keep the present picture.",
            field="asset_ids",
        )
    for number, picture in enumerate(content.pictures, 1):
        yield from _asset(picture, number)


def _asset(picture: Picture, number: int) -> Iterator[Problem]:
    name, field = f"Picture {number}", f"assets.{number - 1}"
    if not is_stored(picture):
        yield Problem(
            "media_missing",
            Severity.ERROR,
            f"{name} is missing from the media store.",
            "Choose another, or restore the media folder.",
            field=field,
        )
    if picture.asset.state == AssetState.REJECTED:
        yield Problem(
            "asset_rejected",
            Severity.ERROR,
            f"{name} was rejected in the library.",
            "Choose another picture.",
            field=field,
        )
    if picture.asset.deleted_at is not None:
        yield Problem(
            "asset_deleted",
            Severity.WARNING,
            f"{name} was taken out of the library.",
            "Choose another picture, or leave it.",
            field=field,
        )
    if not picture.alt_text.strip():
        yield Problem(
            "alt_text_missing",
            Severity.WARNING,
            f"{name} has no alt text.",
            "Describe it for people who cannot see it.",
            field=f"{field}.alt_text",
        )
    if picture.asset.rating == Rating.ADULT:
        yield Problem(
            "adult",
            Severity.ERROR,
            f"{name} is rated adult.",
            "Adult content is off; choose another picture.",
            field=field,
        )


def _variant(content: Content, variant: Variant, channel: Channel) -> list[Problem]:
    manifest, limits = facts(channel)
    labelled = content.labelled(variant, channel)
    found = [
        *_channel(content, channel, manifest),
        *_text(content, variant, labelled, limits),
        *_mentions(variant, labelled, manifest),
        *_media(content, manifest, limits),
    ]
    return [_on(channel, problem) for problem in found]


def _on(channel: Channel, problem: Problem) -> Problem:
    return Problem(
        problem.code,
        problem.severity,
        f"{channel.title}: {problem.detail}",
        problem.hint,
        channel.id,
        problem.field,
        problem.suggestion,
    )


def _channel(content: Content, channel: Channel, manifest: Manifest) -> Iterator[Problem]:
    if channel.state != ChannelState.CONNECTED:
        yield Problem(
            "channel_not_usable",
            Severity.ERROR,
            f"this {manifest.title} account is not connected.",
            "Connect or resume it on its page.",
            field="channel_ids",
        )
    rule = manifest.rule(Action.POST)
    if rule is not None and not rule.allowed and manifest.access is not Access.HAND_OFF:
        yield Problem(
            "platform_forbids",
            Severity.ERROR,
            f"{manifest.title} does not let programs post. {rule.sentence}",
            "Leave this channel out, and post it there by hand.",
            field="channel_ids",
        )
    if channel.character_id not in {None, content.post.character_id}:
        yield Problem(
            "other_character",
            Severity.ERROR,
            "this account belongs to another character.",
            "Choose one of this character's channels.",
            field="channel_ids",
        )


def _text(content: Content, variant: Variant, labelled: Labelled, limits: Limits) -> Iterator[Problem]:
    field = "text" if variant.text else "caption"
    words = (variant.text or content.post.caption).strip()
    size = lengths.measure_text(labelled.text, limits)
    too_long = limits.text is not None and size > limits.text
    if too_long:
        detail = f"the text has {size} {_UNITS[limits.counting]} with its label; {limits.text} are allowed."
        yield Problem(
            "text_too_long",
            Severity.ERROR,
            detail,
            "Shorten it, or give this channel a text of its own.",
            field=field,
            suggestion=adapting.shorter(words, labelled.line, limits),
        )
    in_bytes = lengths.length(labelled.text, Counting.BYTES)
    if limits.text_bytes is not None and in_bytes > limits.text_bytes:
        yield Problem(
            "text_too_many_bytes",
            Severity.ERROR,
            f"the text takes {in_bytes} bytes; {limits.text_bytes} are allowed.",
            "Shorten it, or use fewer emoji.",
            field=field,
            suggestion=adapting.shorter(words, labelled.line, limits),
        )
    tags = len(lengths.hashtags(labelled.text))
    if limits.hashtags is not None and tags > limits.hashtags:
        yield Problem(
            "too_many_hashtags",
            Severity.ERROR,
            f"the text has {tags} hashtags; {limits.hashtags} are allowed.",
            "Remove some from the text.",
            field=field,
        )
    count = len(lengths.links(labelled.text))
    if limits.links is not None and count > limits.links:
        yield Problem(
            "too_many_links",
            Severity.ERROR,
            f"the text has {count} links; {limits.links} are allowed.",
            "Remove some.",
            field=field,
        )
    if labelled.left_out and not too_long:
        yield Problem(
            "hashtags_left_out",
            Severity.WARNING,
            f"{' '.join(labelled.left_out)} will be left out.",
            "Nothing has to be done; fewer hashtags would fit.",
            field="hashtags",
        )


def _mentions(variant: Variant, labelled: Labelled, manifest: Manifest) -> Iterator[Problem]:
    rule, named = manifest.rule(Action.MENTION), lengths.mentions(labelled.text)
    if named and rule is not None and not rule.allowed:
        names = ", ".join(dict.fromkeys(one.text for one in named))
        yield Problem(
            "mention",
            Severity.WARNING,
            f"the text names {names}. {rule.sentence}",
            "Leave the name out, unless they wrote to you first.",
            field="text" if variant.text else "caption",
        )


def _media(content: Content, manifest: Manifest, limits: Limits) -> Iterator[Problem]:
    images = [p for p in content.pictures if p.file.kind == "image"]
    videos = [p for p in content.pictures if p.file.kind == "video"]
    others = len(content.pictures) - len(images) - len(videos)
    for name, code, count, most in (
        ("picture", "images", len(images), limits.images),
        ("video", "videos", len(videos), limits.videos),
    ):
        if most is not None and count > most:
            some = f"at most {most} {name}{'' if most == 1 else 's'}" if most else f"no {name}s"
            yield Problem(
                f"too_many_{code}",
                Severity.ERROR,
                f"{manifest.title} takes {some}; the post has {count}.",
                f"Remove {count - most}.",
                field="asset_ids",
            )
    if others:
        yield Problem(
            "media_kind", Severity.ERROR, "a file is neither a picture nor a video.", "Remove it.", field="asset_ids"
        )
    for number, picture in enumerate(content.pictures, 1):
        if picture.file.kind == "image":
            yield from _image(picture, number, limits)
        if limits.alt_text is not None and len(picture.alt_text) > limits.alt_text:
            detail = f"the alt text of picture {number} has {len(picture.alt_text)} characters; {limits.alt_text} are allowed."
            yield Problem(
                "alt_text_too_long",
                Severity.ERROR,
                detail,
                "Shorten it.",
                field=f"assets.{number - 1}.alt_text",
                suggestion=lengths.shorten(picture.alt_text, Limits(text=limits.alt_text)),
            )


def _image(picture: Picture, number: int, limits: Limits) -> Iterator[Problem]:
    file, field = picture.file, f"assets.{number - 1}"
    if limits.image_kinds and file.mime not in limits.image_kinds:
        kinds = ", ".join(kind.removeprefix("image/").upper() for kind in limits.image_kinds)
        yield Problem(
            "image_kind",
            Severity.ERROR,
            f"picture {number} is {file.mime.removeprefix('image/').upper()}; {kinds} are taken.",
            "Save it in one of these formats.",
            field=field,
        )
    if limits.image_bytes is not None and file.size_bytes > limits.image_bytes:
        yield Problem(
            "image_too_heavy",
            Severity.ERROR,
            f"picture {number} has {file.size_bytes / 1e6:.1f} MB; {limits.image_bytes / 1e6:.1f} MB are allowed.",
            "Make it smaller, or save it as JPEG.",
            field=field,
        )
    if limits.image_pixels is not None and file.width * file.height > limits.image_pixels:
        yield Problem(
            "image_too_large",
            Severity.ERROR,
            f"picture {number} has {file.width}×{file.height} pixels; {limits.image_pixels / 1e6:.1f} megapixels are allowed.",
            "Make it smaller.",
            field=field,
        )

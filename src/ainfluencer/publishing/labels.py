"""How AI origin is declared on each channel, and the text that results. Policy: design.md §7, "Label"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ainfluencer.core.errors import InvalidInput, PolicyRefused
from ainfluencer.integrations import text as lengths
from ainfluencer.integrations.manifest import Label, Limits, Manifest

LINES = {
    "en": "Made with AI.",
    "de": "Mit KI erstellt.",
    "es": "Creado con IA.",
    "fr": "Créé avec l’IA.",
    "it": "Creato con l’IA.",
    "nl": "Gemaakt met AI.",
    "pl": "Stworzone z użyciem AI.",
    "pt": "Feito com IA.",
    "ja": "AIで作成しました。",
}
_SAYS_SO = re.compile(
    r"(?<!\w)(made with ai|ai[- ]generated|generated (by|with) ai|#ai_?(generated|made|art|persona)|"
    r"mit ki erstellt|creado con ia|créé avec l[’']ia|creato con l[’']ia|gemaakt met ai|feito com ia)(?!\w)|AIで作成",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The final text of a variant, how it declares its origin, and the hashtags that did not fit."""

    text: str
    line: str
    declared: dict[str, str]
    left_out: tuple[str, ...] = ()


def line_for(language: str) -> str:
    """The caption line in the post's language, English when we have none."""
    return LINES.get(language.split("-", maxsplit=1)[0].lower(), LINES["en"])


def says_so(text: str) -> bool:
    """Whether a text already declares that it is made with AI."""
    return bool(_SAYS_SO.search(text))


def needs_line(manifest: Manifest) -> bool:
    """Whether the channel's way of declaring needs a line in the text (its own field does not)."""
    return manifest.label is not Label.FIELD


def require_waivable(manifests: Sequence[Manifest], reason: str) -> None:
    """Leaving the line out needs a reason, and a channel that does not depend on it. `PolicyRefused` otherwise."""
    if not reason.strip():
        raise InvalidInput(
            "Leaving out the AI label needs a reason.", "Say why in a sentence.", field="unlabelled_reason"
        )
    for manifest in manifests:
        if manifest.label is Label.ACCOUNT:
            raise PolicyRefused(
                f"{manifest.title} expects automated accounts to say so in every post.",
                "Keep the line, or leave this channel out.",
                code="label_required",
            )


def final_text(
    caption: str, hashtags: Sequence[str], language: str, manifest: Manifest, limits: Limits, *, waived: bool = False
) -> Labelled:
    """Caption, as many hashtags as fit, and the label line where the channel has no field for it.

    The caption and the line are never cut: a text that is too long is preflight's to refuse.
    """
    caption = caption.strip()
    line = "" if waived or not needs_line(manifest) or says_so(caption) else line_for(language)
    present = {found.text.lower() for found in lengths.hashtags(caption)}
    wanted = [f"#{tag.lstrip('#')}" for tag in hashtags if tag.strip("# ")]
    wanted = [tag for tag in dict.fromkeys(wanted) if tag.lower() not in present]
    kept: list[str] = []
    left_out: list[str] = []
    for tag in wanted:
        fits = lengths.fits(_join(caption, [*kept, tag], line), limits)
        (kept if fits else left_out).append(tag)
    return Labelled(_join(caption, kept, line), line, _declared(manifest, line, waived=waived), tuple(left_out))


def _join(caption: str, tags: Sequence[str], line: str) -> str:
    return "\n\n".join(part for part in (caption, " ".join(tags), line) if part)


def _declared(manifest: Manifest, line: str, *, waived: bool) -> dict[str, str]:
    declared: dict[str, str] = {"file": "C2PA manifest and IPTC digital source type"}
    match manifest.label:
        case Label.FIELD:
            declared["field"] = "the platform's own field"
        case Label.ACCOUNT:
            declared["account"] = "the account is marked as automated"
        case Label.CAPTION:
            pass
    if line:
        declared["caption"] = line
    elif needs_line(manifest):
        declared["caption"] = "left out by the owner" if waived else "said in the caption itself"
    return declared

"""Reads the connect form: its inputs are drawn from the platform's fields, so their names are not known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request
from pydantic import ValidationError

from ainfluencer.core.errors import InvalidInput, OutsideError, ProductError
from ainfluencer.integrations.manifest import Manifest
from ainfluencer.web.errors import form_errors

PREFIX = "field-"  # keeps the platform's own names apart from ours
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class ConnectForm:
    """What was sent; secrets are never drawn again."""

    title: str = ""
    character_id: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    posts_per_day: str = ""
    spacing_minutes: str = ""


async def read(request: Request, manifest: Manifest) -> ConnectForm:
    """The form of that platform."""
    async with request.form() as sent:
        values = {name: str(value)[:_LONGEST] for name, value in sent.items()}
    return ConnectForm(
        values.get("title", "").strip()[:200],
        values.get("character_id", "")[:26],
        {f.name: values.get(PREFIX + f.name, "") for f in manifest.fields if not f.secret},
        {f.name: values.get(PREFIX + f.name, "") for f in manifest.fields if f.secret},
        values.get("posts_per_day", "").strip(),
        values.get("spacing_minutes", "").strip(),
    )


def mistakes(error: ProductError | ValidationError, manifest: Manifest) -> dict[str, str]:
    """One sentence per input; what the platform itself said stands above the form."""
    known = {f.name for f in manifest.fields}
    if isinstance(error, InvalidInput) and error.field in known:
        return {PREFIX + error.field: f"{error.detail} {error.next_step}".strip()}
    if isinstance(error, OutsideError):
        return {"": f"{manifest.title}: {error.detail} {error.next_step}".strip()}
    return form_errors(error)

"""text-generation-webui's YAML: name, greeting, context. Everything else has no place there."""

from __future__ import annotations

from typing import Any

from ainfluencer.cards.converting import versions
from ainfluencer.cards.converting.losses import Loss
from ainfluencer.cards.editing import yaml_document
from ainfluencer.cards.editing.fields import V1

_PARTS = (("personality", "Personality"), ("scenario", "Scenario"), ("mes_example", "Example dialogue"))


def textgen_yaml(card: dict[str, Any]) -> tuple[bytes, list[Loss]]:
    """The card as that program's YAML, and what it cannot tell apart or not hold."""
    flat, losses = versions.converted(card, 1)
    context = str(flat["description"])
    for name, title in _PARTS:
        if flat[name]:
            context += f"\n\n{title}: {flat[name]}"
            losses.append(Loss("merged", name, "It becomes a part of the context and cannot be told apart again."))
    extras = [key for key in flat if key not in V1]
    losses += [Loss("unknown_field", key, "This YAML has no place for it.") for key in extras]
    made = {"name": flat["name"], "greeting": flat["first_mes"], "context": context}
    return yaml_document.dump(made).encode(), losses

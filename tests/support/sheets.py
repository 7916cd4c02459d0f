"""Invented characters for tests of writing."""

from __future__ import annotations

from ainfluencer.characters.schemas import CharacterSheet, Look, Material, MaterialKind, Persona, Traits


def quote(text: str) -> Material:
    return Material(kind=MaterialKind.QUOTE, text=text, source="card: mes_example")


def fact(text: str) -> Material:
    return Material(kind=MaterialKind.FACT, text=text, source="card: description")


def lore(text: str, *keys: str) -> Material:
    return Material(kind=MaterialKind.LORE, text=text, source="lorebook", keys=keys)


MIRA = CharacterSheet(
    id="0" * 26,
    workspace_id="0" * 26,
    name="Mira Solano",
    handle="mira",
    age=29,
    bio="Mira is a surf instructor who keeps the tide tables of her grandfather.",
    interests=("tide tables", "black coffee"),
    persona=Persona(
        traits=Traits(extroversion=0.7, humor=0.7, professionalism=0.3),
        content_tone="warm, dry, direct",
        topics=("surfing", "the harbour", "cold mornings"),
    ),
    look=Look(clothing="faded wetsuit, wool sweater", colours=("sea green", "rust"), style_words=("salt-worn",)),
    boundaries=("never talks about politics",),
    greeting='*Mira looks up.* "You are late. The tide does not wait, and I have waited exactly once." *She waves at {{user}}.*',
    material=(
        quote(
            '<START>\n{{user}}: Are you ever scared?\n{{char}}: *She shrugs.* "Of course. The sea does not care about your plans. '
            'That is why I like it."'
        ),
        quote('{{char}}: "Every dent on this board has a name, and most of them are mine."'),
        fact("Mira learned to surf on a door that washed ashore."),
        lore("The harbour of Peniche has two lights, and only the red one can be trusted.", "The harbour"),
    ),
)
BARE = CharacterSheet(id="1" * 26, workspace_id="0" * 26, name="Ada", handle="ada")

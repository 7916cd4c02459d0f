"""The persona as words for a language model (PER-002), and the look as words for a picture model (APP-002)."""

from __future__ import annotations

from ainfluencer.characters.schemas import CharacterSheet, Look, MaterialKind, Traits

_LEVELS = {
    "extroversion": ("keeps to themselves", "is reserved", "is sociable", "is very outgoing"),
    "creativity": ("prefers the tried and tested", "is practical", "is inventive", "is strikingly imaginative"),
    "humor": ("is serious", "smiles rarely", "jokes often", "finds the joke in everything"),
    "professionalism": ("is casual to the bone", "is informal", "is dependable and tidy", "is strictly professional"),
    "authenticity": ("plays a part", "shows a polished side", "is sincere", "is disarmingly honest"),
}


def trait_sentence(name: str, traits: Traits) -> str:
    """Three letters of a number say little to a model; a clause says it: 0.9 extroversion, `is very outgoing`."""
    value: float = getattr(traits, name)
    return _LEVELS[name][min(3, int(value * 4))]


def prompt(sheet: CharacterSheet, *, quotes: int = 4, facts: int = 6) -> str:
    """The persona prompt: who speaks, how, about what, what never; plain text of roughly 150 to 500 words."""
    persona = sheet.persona
    who = f"You are {sheet.name}"
    if sheet.age:
        who += f", {sheet.age}"
    if sheet.location:
        who += f", in {sheet.location}"
    lines = [who + ".", sheet.bio]
    lines.append("Character: " + "; ".join(trait_sentence(name, persona.traits) for name in _LEVELS) + ".")
    lines += _labelled(
        ("How you speak", persona.communication_style),
        ("Tone", persona.content_tone),
        ("You talk about", ", ".join(persona.topics or sheet.interests)),
        ("Where things stand", sheet.scenario[:600]),
        ("Never", "; ".join(sheet.boundaries)),
    )
    lines += _listed("True of you", _texts(sheet, MaterialKind.FACT, facts))
    lines += _listed("In your own words", [f"“{q}”" for q in _texts(sheet, MaterialKind.QUOTE, quotes)])
    lines.append(persona.prompt)
    lines.append(
        f"Write in the language with the code {persona.language}. You are an openly synthetic character: never claim to be human."
    )
    return "\n".join(line for line in lines if line.strip())


def _labelled(*pairs: tuple[str, str]) -> list[str]:
    return [f"{label}: {text.strip().rstrip('.')}." for label, text in pairs if text.strip()]


def _listed(label: str, texts: list[str]) -> list[str]:
    return [f"{label}:", *(f"- {text}" for text in texts)] if texts else []


def _texts(sheet: CharacterSheet, kind: MaterialKind, limit: int) -> list[str]:
    return [m.text[:300] for m in sheet.material if m.kind == kind][:limit]


def look_words(look: Look) -> str:
    """The look as one comma-separated phrase for a picture prompt, the prefix first."""
    parts = [look.prompt_prefix, look.age_range, look.body, look.height]
    parts += [
        _with_noun(look.hair, "hair"),
        _with_noun(look.eyes, "eyes"),
        _with_noun(look.skin, "skin"),
        look.clothing,
    ]
    parts += [*look.style_words, *look.colours]
    return ", ".join(p.strip() for p in parts if p.strip())


def _with_noun(words: str, noun: str) -> str:
    return words if not words or noun in words.casefold() else f"{words} {noun}"

"""Words that no recipe may carry (design.md section 7): a picture that suggests a sexual minor is refused always."""

from __future__ import annotations

import re

from ainfluencer.core.errors import PolicyRefused
from ainfluencer.studio.schemas import ImageRecipe, PosterRecipe

_YOUNG = re.compile(
    r"\b(child(ren)?|kids?|minors?|under[- ]?age|toddler|infant|pre-?teen|teen(age(r)?s?)?|loli(con)?|shota|school ?(girl|boy)s?"
    r"|(?:[1-9]|1[0-7])[- ]?(?:years?[- ]?old|yo|y/o))\b",
    re.IGNORECASE,
)
_SEXUAL = re.compile(
    r"\b(nud(e|ity)|naked|topless|sex(ual|y)?|erotic|porn(ographic)?|nsfw|lingerie|explicit|orgasm|genital(s|ia)?|fetish|hentai)\b",
    re.IGNORECASE,
)


def refuse_words(recipe: PosterRecipe | ImageRecipe) -> None:
    """`PolicyRefused` when the words ask for adult content (off by default) or for a sexual minor (never)."""
    if isinstance(recipe, ImageRecipe):
        words = f"{recipe.prompt} {recipe.settings}"
    else:
        words = " ".join((recipe.title, recipe.body, recipe.kicker, *recipe.items))
    if _SEXUAL.search(words):
        if _YOUNG.search(words):
            raise PolicyRefused(
                "The request suggests a minor in a sexual context. That is refused always, and the refusal is logged.",
                "Nothing can switch this on.",
                code="minor_refused",
            )
        raise PolicyRefused(
            "The request asks for adult content, which is switched off in this workspace.",
            "An owner can read what it takes in Settings.",
            code="adult_off",
        )

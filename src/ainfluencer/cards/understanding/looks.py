"""Hair, eyes, skin, clothes and colours out of attributes and prose."""

from __future__ import annotations

import re
from collections import Counter

from ainfluencer.cards.understanding.identity import Evidence
from ainfluencer.cards.understanding.markup import Attributes
from ainfluencer.characters.schemas import Look

_COLOUR_WORDS = """
black white grey gray silver red crimson scarlet burgundy maroon pink rose magenta fuchsia
orange amber copper rust coral peach yellow gold golden mustard cream ivory beige tan
sand brown chestnut auburn hazel green emerald olive sage mint moss teal turquoise cyan
blue navy cobalt indigo azure purple violet lavender lilac plum bronze charcoal ochre terracotta
jade khaki ash platinum blonde blond ginger strawberry raven ebony honey caramel chocolate
slate sea-green
"""
COLOURS = tuple(_COLOUR_WORDS.split())
_COLOUR = re.compile(rf"\b({'|'.join(sorted(COLOURS, key=len, reverse=True))})\b", re.IGNORECASE)
_PALETTE_NAMES = {"gray": "grey", "golden": "gold", "blond": "blonde", "raven": "black", "ebony": "black"}
_NOT_PALETTE = {
    "rose": 2,
    "sand": 2,
    "honey": 2,
    "chocolate": 2,
    "coral": 2,
    "plum": 2,
    "ash": 2,
    "moss": 2,
    "rust": 2,
    "mint": 2,
    "peach": 2,
    "amber": 1,
    "copper": 1,
}
_DESCRIBING_WORDS = """
neon long short medium shoulder-length waist-length chin-length cropped curly wavy straight messy tousled
braided tied loose thick thin fine silky wild unruly frizzy dark light
pale bright deep soft shaved buzzed undercut bobbed choppy sun-bleached salt-stiff bleached
dyed streaked greying graying receding spiky fluffy neat unkempt windswept jet jet-black
dirty dusty large big small narrow round almond-shaped wide sharp tired sleepy
gentle piercing warm cold kind keen intense expressive half-lidded upturned doe heterochromatic
mismatched glowing fair tanned olive-toned freckled porcelain weathered sun-browned smooth rough bronzed
ruddy rosy scarred tattooed dusky wrinkled lined steel storm ice icy steel-grey
sea smoky stormy natural artificial cybernetic mechanical optic and with her his
their
"""
_DESCRIBES = frozenset(_DESCRIBING_WORDS.split())
_NOUNS = {"hair": r"(?:hair|locks|curls|braids?|ponytail|bun|mane)", "eyes": r"eyes?", "skin": r"(?:skin|complexion)"}
_LABELS = {
    "hair": (
        "hair",
        "hair color",
        "hair colour",
        "hairstyle",
        "hair style",
        "haare",
        "cabello",
        "cabelo",
        "cheveux",
        "capelli",
    ),
    "eyes": ("eyes", "eye color", "eye colour", "eye", "augen", "ojos", "olhos", "yeux", "occhi"),
    "skin": ("skin", "skin tone", "skin color", "complexion", "haut", "piel", "pele", "peau", "pelle"),
    "body": ("body", "build", "body type", "physique", "figure", "körper", "cuerpo"),
    "height": ("height", "größe", "altura", "taille", "altezza"),
    "clothing": (
        "clothes",
        "clothing",
        "outfit",
        "attire",
        "wears",
        "wearing",
        "usual outfit",
        "fashion",
        "style of dress",
        "kleidung",
        "ropa",
        "roupa",
    ),
}
_WEARS = re.compile(
    r"\b(?:wears?|wearing|dressed in|clad in|dresses in|is never seen without)\s+([^.;!?\n]{4,140})", re.IGNORECASE
)
_GARMENT = re.compile(
    r"\b(?:\w*dress|gown|robes?|\w*coat|\w*jacket|suit|(?:t-)?shirt|blouse|skirt|trousers|pants|jeans|shorts|\w*boots|shoes|sandals|sneakers|heels|scarf|scarves|hats?|cap|fedora|glasses|goggles|gloves|apron|cloak|cape"
    r"|sweater|jumper|hoodie|tie|necktie|armou?r|uniform|kimono|vest|corset|stockings|tights|socks|belt|necklace|choker|earrings?|bracelet|crown|tunic|overalls|cardigan|turtleneck|bow|ribbon|clips?)\b",
    re.IGNORECASE,
)
_OUTFIT = ("outfit top", "outfit bottom", "top", "bottom", "footwear", "shoes", "accessories", "accessory")
_NEXT_CLAUSE = re.compile(
    r",?\s+(?:and\s+)?(?=\w+(?:s|ed|ing)\s+(?:an?|the|her|his|their|to|over|around)\b)|,?\s+(?:that|which|when|who|year-round|casting|worn|often|while|as if)\b",
    re.IGNORECASE,
)
_HEIGHT = re.compile(
    r"\b(\d(?:\.|,)\d{1,2}\s?m\b|\d{3}\s?cm\b|\d['’′]\s?\d{1,2}(?:[\"”″])?|(?:very )?(?:tall|petite|short in stature))",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b((?:(?:slim|slender|athletic|muscular|stocky|lean|wiry|sturdy|broad-shouldered|plump|curvy|lanky|tall|short|petite|strong|round|thin|bony|chubby|burly)(?:,? and |, | )?){1,3})\s*(?:build|frame|body|figure|woman|man|girl|guy)",
    re.IGNORECASE,
)


def look_of(attributes: Attributes, text: str, age: int | None) -> tuple[Look, list[Evidence]]:
    """The look in words: attributes before prose; colours in the order in which they matter for a palette."""
    text = text[:60_000]
    found: dict[str, str] = {}
    evidence: list[Evidence] = []
    listed = _listed(attributes)
    for part, labels in _LABELS.items():
        stated = attributes.get(*labels)
        # “Body: pink hair, amber eyes, black dress” lists looks of every kind, and says nothing of the build.
        is_mixed = part == "body" and any(
            _GARMENT.search(v) or any(re.search(rf"\b{n}\b", v, re.IGNORECASE) for n in _NOUNS.values()) for v in stated
        )
        value = ("" if is_mixed else ", ".join(stated)) or listed.get(part, "") or _in_prose(part, text)
        if value:
            found[part] = value[:200]
            evidence.append(Evidence(f"look.{part}", value[:200], "card", value[:120]))
    extra = attributes.get(
        "appearance", "looks", "features", "physical features", "distinguishing features", "aussehen"
    )
    words = [w for w in extra if len(w) <= 80]
    for part, noun in _NOUNS.items():
        if part not in found:
            hit = next((w for w in words if re.search(rf"\b{noun}\b", w, re.IGNORECASE)), "")
            if hit:
                found[part] = re.sub(rf"\s*\b{noun}\b\s*", " ", hit, flags=re.IGNORECASE).strip() or hit
    style = tuple(w for w in words if not any(re.search(rf"\b{n}\b", w, re.IGNORECASE) for n in _NOUNS.values()))[:8]
    colours = _palette([found.get("clothing", ""), found.get("hair", ""), found.get("eyes", ""), " ".join(words), text])
    return Look(**found, colours=colours, style_words=style, age_range=_range(age)), evidence


def _listed(attributes: Attributes) -> dict[str, str]:
    """Hair, eyes, skin and clothes out of lists that mix them, and clothes out of their several labels."""
    mixed = [
        v
        for label in ("body", "appearance", "looks", "features", "physical features")
        for v in attributes.values.get(label, ())
    ]
    worn = [value for label in _OUTFIT for value in attributes.values.get(label, ())[:2] if _GARMENT.search(value)]
    worn += [value for value in mixed if _GARMENT.search(value) and len(value) <= 80]
    found = {"clothing": ", ".join(worn[:6])}
    for part, noun in _NOUNS.items():
        words = [
            re.sub(rf"\s*\b{noun}\b\s*", " ", v, flags=re.IGNORECASE).strip()
            for v in mixed
            if re.search(rf"\b{noun}\b", v, re.IGNORECASE) and len(v) <= 60
        ]
        found[part] = ", ".join(w for w in words if w)
    return found


def _in_prose(part: str, text: str) -> str:
    if part == "clothing":
        match = _WEARS.search(text)
        worn = _NEXT_CLAUSE.split(match.group(1))[0] if match else ""
        return re.sub(r"^(?:an?|the|her|his)\s+", "", worn).strip(" ,") if len(worn) > 3 else ""
    if part == "height":
        match = _HEIGHT.search(text)
        return match.group(1) if match else ""
    if part == "body":
        match = _BODY.search(text)
        return match.group(1).strip(" ,") if match else ""
    for match in re.finditer(
        rf"(?<![\w’'-])((?:[\w’'-]{{1,40}},?\s{{1,4}}){{1,6}}){_NOUNS[part]}\b", text, re.IGNORECASE
    ):
        words = _describing(match.group(1).split())
        if words:
            return words
    return ""


def _describing(words: list[str]) -> str:
    """The run of describing words right before the noun, joiners and possessives at its ends removed."""
    kept: list[str] = []
    for word in reversed(words):
        bare = word.strip(",").casefold()
        if bare not in _DESCRIBES and not _COLOUR.fullmatch(bare) and not _composed(bare):
            break
        kept.insert(0, word)
    joiners = {"and", "with", "her", "his", "their"}
    while kept and kept[0].strip(",").casefold() in joiners:
        kept.pop(0)
    while kept and kept[-1].strip(",").casefold() in joiners:
        kept.pop()
    return " ".join(kept).strip(" ,")


def _composed(word: str) -> bool:
    return "-" in word and any(_COLOUR.fullmatch(p) or p in _DESCRIBES for p in word.split("-"))


def _palette(texts: list[str]) -> tuple[str, ...]:
    """Up to five colour words. Words that are also things (rose, honey) count only when they come up again."""
    weights = Counter[str]()
    for text, weight in zip(texts, (5, 4, 4, 3, 1), strict=True):
        for match in _COLOUR.finditer(text):
            word = match.group(1).casefold()
            weights[_PALETTE_NAMES.get(word, word)] += weight
    return tuple(word for word, weight in weights.most_common(12) if weight > _NOT_PALETTE.get(word, 0))[:5]


def _range(age: int | None) -> str:
    if age is None or age > 120:
        return ""
    if age < 18:
        return "under 18"
    if age < 20:
        return "late teens"
    decade = age // 10 * 10
    part = "early" if age % 10 < 4 else "mid" if age % 10 < 7 else "late"
    return f"{part} {decade}s"

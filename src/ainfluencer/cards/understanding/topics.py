"""What somebody can talk about: only what the card gives evidence for, in words that read well in a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ainfluencer.cards.understanding import prose, safety
from ainfluencer.cards.understanding.markup import Attributes
from ainfluencer.cards.understanding.temper import is_trait
from ainfluencer.writing import banks, dialogue

MOST = 12
_MOST_LORE = 100_000  # characters of a lorebook in which names are looked for; what comes up only later is no topic
_META = re.compile(
    r"^(?:oc|sfw|nsfw|nsfl|18\+|r-?18|any ?pov|male ?pov|female ?pov|m4a|f4a|f4m|m4f|wlw|mlm|bot|rpg?|roleplay|female|male|woman|man|girl|boy|non-?binary|adult|teen|milf|elder"
    r"|human|english|original(?: character)?|characters?|single|multiple|scenario|fandom|tested|v[123]|smut|erp?|dominant|submissive|kink|romance|chub|tavern|assistant|helper"
    r"|char(?:acter)?[ _-]?hub|erotic|hentai|lewd|porn|bdsm|waifu|husbando|anime|game|video ?games? characters?|game ?characters?|movies? ?&? ?tv|tv|books? character|villain|hero(?:ine)?|(?:main )?antagonist|protagonist|npc|side character"
    r"|slice[- ]of[- ]life|action|drama|angst|fluff|comfort|hurt/?comfort|wholesome|love|platonic|objects?|furry|non-?human|elf|demi-?human|monster ?girl|mature|dead dove"
    r"|[ie][ns][tf][jp](?:-[at])?|[1-9]w[1-9]|(?:lawful|neutral|chaotic|true) (?:good|neutral|evil))$",
    re.IGNORECASE,
)
_META_NOUN = re.compile(
    r"\b(?:themes?|aesthetics?|archetype|arc|symbolism|tropes?|vibes?|tragedy|fashion|lolita|adults?|mysterious|timeline)\b",
    re.IGNORECASE,
)
_GENRES = frozenset(
    [
        "fantasy",
        "scifi",
        "sci-fi",
        "thriller",
        "horror",
        "comedy",
        "tragedy",
        "mystery",
        "adventure",
        "supernatural",
        "isekai",
        "dystopia",
        "dystopian",
        "cyberpunk",
        "steampunk",
        "gothic",
        "medieval",
        "modern",
        "historical",
        "science-fiction",
        "urban-fantasy",
    ]
)
_VAGUE = frozenset(
    """power|powers|ability|abilities|info|information|world|worlds|lore|rules|rule|background|backstory|location|locations|place|places|setting|system|relationship|relationships
|family|personality|appearance|npc|npcs|misc|other|others|user|char|scenario|event|events|items|item|person|people|name|names|species|race|history|timeline|intellectual|story|plot|note|notes
|entry|general|summary|overview|character|characters|style|dialogue|speech|mission|job|order|thing|things|beast|monster|monsters""".replace(
        "\n", ""
    ).split("|")
)
_AGENT = re.compile(
    r"[a-z-]{3,}(?:ician|ologist|ist|eer|smith|wright)|librarian|historian|comedian|guardian|[a-z-]*(?:keeper|maker|monger|hunter|tender|writer|singer|grapher|worker|fighter|dancer)"
    r"|(?:[a-z]+-)?(?:designer|developer|engineer|teacher|baker|painter|runner|trader|driver|officer|courier|lawyer|doctor|actor|author|editor|director|professor|inventor|instructor"
    r"|researcher|explorer|smuggler|healer|ranger|programmer|baker|brewer|butcher|carpenter|gardener|tailor|weaver)"
)
_WORKS_AS = frozenset(
    [
        "witch",
        "mage",
        "wizard",
        "sorcerer",
        "sorceress",
        "knight",
        "pilot",
        "captain",
        "chef",
        "cook",
        "nurse",
        "thief",
        "spy",
        "monk",
        "priest",
        "nun",
        "vet",
        "maid",
        "butler",
        "guide",
        "judge",
        "barista",
        "bard",
        "druid",
        "cleric",
        "rogue",
        "mercenary",
        "assassin",
        "king",
        "queen",
        "oracle",
        "archaeologist",
        "mathematician",
        "physicist",
        "illusionist",
        "influencer",
        "streamer",
        "idol",
        "model",
        "trainer",
        "farmer",
        "sailor",
        "pirate",
        "soldier",
        "guard",
        "guardian",
        "detective",
        "librarian",
        "student",
        "scientist",
        "hacker",
    ]
)
_IS_A = re.compile(
    r"\b(?:is|was|am|as|works as) (?:a|an|the) (?:[\w'’-]+ ){0,4}?(?=\w)([\w'’-]+(?: [\w'’-]+){0,2}?)(?=\s+(?:who|that|with|from|in|of|at|on|and|for|known|specializing|living|based|whose|turned)\b|[.,;!?—–]|$)"
)
_PROPER = re.compile(
    r"\b(?:the|in|at|to|from|near|within|of|across|through|under|beyond|aboard)\s+([A-Z][\w’'-]+(?:\s+(?:of\s+|the\s+)?[A-Z][\w’'-]+){0,2})"
)
_MONTHS = frozenset(
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "English",
        "God",
        "Earth",
        "I",
        "The",
        "A",
        "An",
        "He",
        "She",
        "They",
        "It",
    ]
)
_FROM_WORK = re.compile(
    r"\bfrom (?:the (?:game|video game|anime|manga|series|show|book|movie|film|novel)s? )?[\"“]?((?:[A-Z][\w:'’-]+\s?){1,4})[\"”]?(?:['’]s\b|[.,;!]|$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything in which a card may say what it is about."""

    prose: str
    speech: str
    lore: str = ""
    notes: str = ""  # the creator's notes: they name the work that a character is taken from

    @property
    def texts(self) -> tuple[str, str, str]:
        """The texts that count as evidence."""
        return self.prose, self.speech, self.lore


def is_theme(tag: str) -> bool:
    """Whether a tag names a theme rather than a format, a rating, a type of person or a way to be."""
    tag = tag.strip()
    return bool(tag) and len(tag) <= 40 and not _META.match(tag) and not is_trait(tag) and tag.casefold() not in _VAGUE


def topics_of(
    tags: Sequence[str],
    interests: Sequence[str],
    attributes: Attributes,
    told: Told,
    name: str,
    lore: Sequence[tuple[str, ...]] = (),
    place: str = "",
) -> tuple[str, ...]:
    """What the character can talk about, at most twelve: tags that are themes, interests, work, names of their world,
    and what comes up in several places. Genres come last, and only when there is little else.

    `lore` holds the title and keys of each entry; `place` is where they live, which is no work of fiction.
    """
    own = {word.casefold() for word in dialogue.name_words(name)}
    works = {m.strip().casefold() for m in _FROM_WORK.findall(f"{told.notes}\n{told.prose}") if m.strip() not in place}
    found: dict[str, str] = {}
    themes = _themes(tags, attributes)
    genres = [t for t in themes if t.casefold() in _GENRES]
    said = told.lore[:_MOST_LORE]
    candidates = chain(
        (_as_phrase(tag, told) for tag in themes if tag not in genres),
        _work(attributes, told.prose),
        interests[:6],
        (_lore_name(entry, said) for entry in lore),
        _proper(told, own),
        (bank.about for bank in banks.topics_in([text for text in told.texts if text])[:5]),
    )
    for words in candidates:
        if not safety.is_adult_tag(words):
            _keep(found, words, own, works)
    for genre in genres if len(found) < 5 else ():
        _keep(found, genre, own, works)
    return tuple(found.values())[:MOST]


def _themes(tags: Sequence[str], attributes: Attributes) -> list[str]:
    """Tags, listed tags and skills that name a theme."""
    listed = [t for t in attributes.values.get("tags", ()) if len(t.split()) <= 2 and not _META_NOUN.search(t)]
    skills = [
        skill
        for skill in attributes.get("abilities", "skills", "talents")
        if re.fullmatch(r"(?:\w+ )?\w+ing", skill) and banks.is_known(skill)
    ]
    return [t for t in (*tags, *listed, *skills[:3]) if is_theme(t)]


def _keep(found: dict[str, str], words: str, own: set[str], works: set[str]) -> None:
    """Keep a topic unless it is the character, the work they come from, says nothing, or is there already."""
    words = words.strip(" .,_#\"'“”").replace("_", " ")
    folded = re.sub(r"^the ", "", words.casefold())
    says_nothing = not 2 < len(words) <= 60 or folded in _VAGUE or folded in works
    if not says_nothing and not own & set(re.findall(r"\w{3,}", folded)) and not _is_there(folded, found):
        found[folded] = words


def _is_there(folded: str, found: dict[str, str]) -> bool:
    """Whether the same is there already, only longer or shorter (“magic” beside “old magic”)."""
    words = set(folded.split())
    return any(words <= set(other.split()) or set(other.split()) <= words for other in found)


def _as_phrase(tag: str, told: Told) -> str:
    """A tag as it reads in a sentence: “life as a mortician”, “butterflies”, “the Whispering Forest”."""
    tag = tag.strip(" .,_#").replace("_", " ")
    low = tag.casefold()
    if _is_agent(low.split()[-1]):
        return _life_as(low)
    if (
        " " in tag
        or not tag.islower()
        or banks.is_known(low)
        or low.endswith(
            (
                "s",
                "ing",
                "ion",
                "ness",
                "ity",
                "ism",
                "ty",
                "cy",
                "ence",
                "ance",
                "ment",
                "ship",
                "ure",
                "ry",
                "logy",
                "ics",
            )
        )
    ):
        return _with_article(tag, " ".join(told.texts)) if " " in tag else tag
    text = " ".join(told.texts).casefold()
    if re.search(rf"\b(?:a|an|the|her|his|each|every|one) (?:\w+ )?{re.escape(low)}\b", text):
        return f"{low[:-1]}ies" if low.endswith("y") and low[-2:-1] not in "aeiou" else f"{low}s"
    return tag if re.search(rf"\b{re.escape(low)}\b", text) else ""


def _is_agent(word: str) -> bool:
    return word in _WORKS_AS or bool(_AGENT.fullmatch(word))


def _life_as(work: str) -> str:
    return f"life as a{'n' if work[:1] in 'aeiou' else ''} {work}"


def _work(attributes: Attributes, text: str) -> Iterator[str]:
    stated = [*attributes.get("occupation", "job", "profession", "work", "beruf", "career")][:1]
    said = [m.group(1) for m in _IS_A.finditer(text[:4000])][:12]
    for words in (*stated, *said):
        work = " ".join(w for w in re.sub(r"\([^()]*\)", "", words).split() if w.islower() or words[:1].isupper())
        work = re.sub(
            r"^(?:(?:accomplished|skilled|renowned|brilliant|famous|distinguished|seasoned|talented|american|young|enigmatic|noir|iconic|classic|legendary|mysterious|\w+-style|\d+-year-old)\s+)+",
            "",
            work.casefold(),
        )
        last = work.split()[-1:] or [""]
        if 0 < len(work.split()) <= 3 and _is_agent(last[0]):
            yield _life_as(work)
            return


def _lore_name(entry: tuple[str, ...], lore: str) -> str:
    """What an entry is about: a name from its title or keys, else a word that we have something to say to."""
    title = entry[0] if entry else ""
    if re.fullmatch(r"(?:[A-Z][\w'’-]+(?: of| the)?\s?){2,4}", title) and title.casefold() not in _VAGUE:
        return _with_article(title, lore)
    forms = [form for form in entry if 2 < len(form) <= 40 and not re.search(r"[/\\|*(){}\[\]]", form)]
    for form in forms:
        cased = re.search(rf"(?<![.!?…\"“] )(?<!^)\b{re.escape(form)}s?\b", lore, re.IGNORECASE | re.MULTILINE)
        if cased and cased.group()[:1].isupper() and form.casefold() not in _VAGUE:
            return _with_article(cased.group(), lore)
    for form in forms:
        if banks.is_known(form) and form.casefold() not in _VAGUE:
            return form
    for form in forms:
        if form.casefold() not in _VAGUE and re.search(
            rf"\b(?:the|this|my|his|her) (?:\w+ )?{re.escape(form)}\b", lore, re.IGNORECASE
        ):
            return f"the {form.casefold()}" if form.islower() else _with_article(form, lore)
    return ""


def _with_article(phrase: str, text: str) -> str:
    if phrase.casefold().startswith("the "):
        return phrase
    hits = len(re.findall(rf"\b{re.escape(phrase)}\b", text, re.IGNORECASE))
    definite = len(re.findall(rf"\b(?:the|this|these|those) {re.escape(phrase)}\b", text, re.IGNORECASE))
    return f"the {phrase}" if hits and definite * 2 >= hits else phrase


def _proper(told: Told, own: set[str]) -> list[str]:
    """Names of places and bodies that come up in two texts, or three times."""
    places: dict[str, set[int]] = {}
    counts = Counter[str]()
    for number, text in enumerate(told.texts):
        for phrase in _PROPER.findall(text):
            name = re.sub(r"['’]s$", "", phrase)
            if name.split()[0] not in _MONTHS and not own & set(re.findall(r"\w{3,}", name.casefold())):
                places.setdefault(name, set()).add(number)
                counts[name] += 1
    whole = " ".join(told.texts)
    good = [n for n, _ in counts.most_common(12) if len(places[n]) >= 2 or whole.count(n) >= 3]
    return [_with_article(name, whole) for name in good[:4] if not prose.mentions_user(name)]

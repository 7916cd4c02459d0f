"""A card's fields made of what was found: the source's own sentences in order, real lines, and a few plain frames that say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ainfluencer.cards.forge import freely, merging
from ainfluencer.cards.forge.options import Options
from ainfluencer.cards.forge.rules import spoken
from ainfluencer.cards.forge.shapes import Claim, Kind, Line, Material, Support, Writing
from ainfluencer.writing import cutting
from ainfluencer.writing.first_person import first_person

_MOST = {
    Kind.IDENTITY: 3, Kind.APPEARANCE: 4, Kind.PERSONALITY: 3, Kind.HABIT: 4, Kind.LIKE: 4, Kind.SKILL: 3, Kind.HISTORY: 4, Kind.RELATION: 4,
    Kind.PLACE: 3, Kind.FACT: 5,
}  # fmt: skip
"""Sentences of a kind in the description."""
_BLOCKS = (
    (Kind.IDENTITY, Kind.PLACE),
    (Kind.APPEARANCE,),
    (Kind.HABIT, Kind.LIKE, Kind.SKILL),
    (Kind.HISTORY, Kind.RELATION, Kind.FACT),
)
LEAST_WEIGHT = 0.9
_ASKS = re.compile(r"\?[\"'”’]?$")
_GREETS = re.compile(
    r"^(?:good (?:morning|evening|day|afternoon|night)|hello|hi\b|come in|welcome|pray|sit down|ah\b|so,? you|you (?:have|are|look|must|want|came)|what|who are you|how)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"^(?:and|but|so|then|he|she|they|it|that|this|those|these|which|exactly|precisely|quite|no|yes|not|nor|or|because|therefore)\b|\b(?:he|she|him|her|his|they|them)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,;.] )(?!I\b)[A-Z][a-zà-ÿ]{2,}")
_SELF = re.compile(r"\b(?:I am|I'm|I’m|my (?:business|life|name|work|trade|method|rule|own)|I (?:never|always|cannot|can't|have (?:always|never)|like|love|hate|live|keep|believe|think))\b")  # fmt: skip
_MOVES = re.compile(
    r"\b(?:rose|sat|stood|leaned|leaning|looked|smiled|laughed|chuckled|lit|turned|nodded|waved|glanced|walked|stretched|rubbed|shrugged|raised|settled|lay|gazed|paced|whistled|hummed|poured|bowed|closed|opened)\b"
)


def named(text: str, material: Material) -> str:
    """A text with the character's name as the macro that chat programs fill in."""
    forms = sorted({material.name, *material.aliases}, key=len, reverse=True)
    pattern = "|".join(re.escape(form) for form in forms if len(form) > 2)
    text = re.sub(r"^(?:My|Our) (?:friend|companion|master|mistress|hero|heroine)\b(?=\s[a-z])", material.name, text)
    return re.sub(rf"(?<!\{{\{{)\b(?:{pattern})\b(?!\}}\}})", "{{char}}", text) if pattern else text


def best(claims: Sequence[Claim], kinds: Sequence[Kind]) -> list[Claim]:
    """The statements of these kinds that stand best alone, different from each other, in the order of the source."""
    kept: list[Claim] = []
    for kind in kinds:
        chosen: list[tuple[set[str], Claim]] = []
        for claim in sorted(
            (c for c in claims if c.kind is kind and c.weight >= LEAST_WEIGHT), key=lambda c: -c.weight
        ):
            meant = merging.words(claim.text)
            if all(merging.likeness(meant, other) < 0.6 for other, _ in chosen):
                chosen.append((meant, claim))
            if len(chosen) == _MOST.get(kind, 3):
                break
        order = {id(claim): number for number, claim in enumerate(claims)}
        kept += sorted((claim for _, claim in chosen), key=lambda claim: order[id(claim)])
    return kept


def compose(material: Material, wanted: Sequence[str], options: Options) -> Writing:
    """The wanted fields of a card; each sentence with its origin, and notes on what the source did not give."""
    made = Writing()
    for name in wanted:
        write = _FIELDS.get(name)
        if write is not None:
            write(material, made, options)
    return made


def _keep(made: Writing, field: str, text: str, origin: str, claim: Claim | Line | None = None) -> None:
    quote, where = (claim.quote, claim.where) if claim else ("", "")
    made.support.append(Support(field=field, text=text, origin=origin, quote=quote, where=where))


def _description(material: Material, made: Writing, _options: Options) -> None:
    blocks: list[str] = []
    for kinds in _BLOCKS:
        sentences = []
        for claim in best(material.claims, kinds):
            told = named(_third(claim.text, material), material)
            sentences.append(told)
            _keep(made, "description", told, "source", claim)
        blocks += [" ".join(_together(sentences))] if sentences else []
    own = _about_themselves(material)
    if own:
        blocks.append("In {{char}}'s own words: " + " ".join(f"“{line.text}”" for line in own))
        for line in own:
            _keep(made, "description", f"“{line.text}”", "source", line)
    if not blocks:
        events = sorted((c for c in material.claims), key=lambda c: -c.weight)[:5]
        for claim in events:
            told = named(_third(claim.text, material), material)
            _keep(made, "description", told, "source", claim)
            blocks.append(told)
        made.notes.append(
            "The source shows what the character does more than it says who they are; read the description."
        )
    made.fields["description"] = "\n\n".join(blocks)


_HAS = re.compile(r"^\{\{char\}\} has ([^.,]{3,40}(?:, [^.,]{3,30})?)\.$")


def _together(sentences: Sequence[str]) -> list[str]:
    """“{{char}} has a tall figure.” and “{{char}} has long hands.” as one sentence; the others stay."""
    had = [match[1] for sentence in sentences if (match := _HAS.match(sentence))]
    if len(had) < 2:
        return list(sentences)
    glue = "; " if any("," in one for one in had) else ", "
    whole = f"{{{{char}}}} has {glue.join(had[:-1])}{';' if glue == '; ' else ''} and {had[-1]}."
    first = next(place for place, sentence in enumerate(sentences) if _HAS.match(sentence))
    rest = [sentence for sentence in sentences if not _HAS.match(sentence)]
    return [*rest[:first], whole, *rest[first:]]


def _about_themselves(material: Material) -> list[Line]:
    """Sentences in which the character says who they are or how they work."""
    told = [
        line.model_copy(update={"text": sentence})
        for line in material.lines
        for sentence in cutting.sentences(line.text)
        if 25 <= len(sentence) <= 170
        and _IS_SELF.search(sentence)
        and not _LEANS.search(sentence)
        and material.name not in sentence
    ]
    return sorted(told, key=lambda line: (-len(_IS_SELF.findall(line.text)), len(_NAME.findall(line.text))))[:4]


_IS_SELF = re.compile(r"\b(?:I am (?:an?|the|not an?|accustomed|fond|never|always)|my (?:business|trade|method|rule|profession|life|name|nature|habits?|eyes)|I (?:never|always) \w+|I have (?:always|never)|it is my)\b", re.IGNORECASE)  # fmt: skip


def _third(text: str, material: Material) -> str:
    """A noun phrase such as “A grumpy lighthouse keeper who …” or “Age: 58.” as a sentence about the character."""
    label = re.match(r"^([A-Z][a-z ]{1,20}): (.{1,200}?)\.?$", text)
    if label:
        return _of_label(label.group(1).lower(), label.group(2), material)
    phrase = re.match(r"^(An?|The)\s+([^.]{3,220})[.!]?$", text)
    if phrase and not _IS_SENTENCE.match(text):
        return f"{material.name} is {phrase.group(1).lower()} {phrase.group(2)}."
    return text


_IS_SENTENCE = re.compile(
    r"^(?:An?|The)\s(?:(?!who|that|which|with)[\w'’-]+\s){1,5}(?:is|was|are|were|has|had|lies|stands|stopped|came|went|can|never|always)\s"
)
_SAID = {
    "age": "{name} is {value} years old.", "occupation": "{name} is {article}{value}.", "job": "{name} is {article}{value}.",
    "profession": "{name} is {article}{value}.", "species": "{name} is {article}{value}.", "race": "{name} is {article}{value}.",
    "gender": "{name} is {value}.", "nationality": "{name} is {value}.", "likes": "{name} likes {value}.", "loves": "{name} loves {value}.",
    "dislikes": "{name} dislikes {value}.", "hates": "{name} hates {value}.", "fears": "{name} is afraid of {value}.",
    "hobbies": "{name}’s hobbies are {value}.", "interests": "{name} is interested in {value}.", "home": "{name} lives in {value}.",
    "location": "{name} lives in {value}.", "lives": "{name} lives in {value}.", "hair": "{name}’s hair is {value}.", "eyes": "{name}’s eyes are {value}.",
    "height": "{name} is {value} tall.", "skills": "{name} is good at {value}.", "personality": "{name} is {value}.", "traits": "{name} is {value}.",
    "family": "Family: {value}.", "friends": "Friends: {value}.",
}  # fmt: skip


def _of_label(word: str, value: str, material: Material) -> str:
    frame = _SAID.get(word, f"{word.capitalize()}: {{value}}.")
    if word == "age" and not value.strip().isdigit():
        frame = "{name} is {value}."
    article = (
        "" if re.match(r"^(?:an?|the)\s", value, re.IGNORECASE) else "an " if value[:1].lower() in "aeiou" else "a "
    )
    return frame.format(name=material.name, value=value, article=article)


_TEMPER = re.compile(r"^(?:Personality|Traits|Character|Temper): ")


def _personality(material: Material, made: Writing, _options: Options) -> None:
    parts = []
    claims = [(claim, _temper(claim, material)) for claim in best(material.claims, (Kind.PERSONALITY,))]
    known = [merging.words(told) for _, told in claims]
    if traits := [one for one in material.traits[:7] if not any(merging.words(one) <= words for words in known)]:
        parts.append(f"{', '.join(traits).capitalize()}.")
        proof = next((c for c in material.claims if traits[0] in c.text.lower()), None)
        _keep(made, "personality", parts[-1], "source", proof)
    for claim, told in claims:
        parts.append(told)
        _keep(made, "personality", told, "source", claim)
    how = spoken.manner(material.lines)
    if how:
        parts.append(how)
        made.support.append(
            Support(
                field="personality", text=how, origin="source", quote=f"counted over {len(material.lines)} spoken lines"
            )
        )
    if not parts:
        for claim in best(material.claims, (Kind.HABIT, Kind.LIKE))[:2]:
            told = named(claim.text, material)
            parts.append(told)
            _keep(made, "personality", told, "source", claim)
        made.notes.append("The source has no words for the character's temper.")
    made.fields["personality"] = " ".join(parts)


def _temper(claim: Claim, material: Material) -> str:
    told = named(_TEMPER.sub("", claim.text), material)
    return told[:1].upper() + told[1:]


def _scenario(material: Material, made: Writing, _options: Options) -> None:
    if told := material.stated.get("scenario"):
        made.fields["scenario"] = named(told, material)
        made.support.append(Support(field="scenario", text=told, origin="source", quote=told))
        return
    home = next(iter(best(material.claims, (Kind.PLACE,))), None)
    place = next((one for one in material.entities if one.kind == "place" and len(one.name) > 3), None)
    # In a story a sentence about a place is one scene's; the place that is named most is where they are found.
    home = None if place and len(material.lines) > 20 else home
    where = _where(home.text, material) if home else (f"at {place.name}" if place else "")
    text = f"{{{{user}}}} meets {{{{char}}}} {where}." if where else "{{user}} meets {{char}} for the first time."
    made.fields["scenario"] = re.sub(r"\s+\.", ".", text)
    _keep(made, "scenario", made.fields["scenario"], "frame", home)


def _where(text: str, material: Material) -> str:
    found = re.search(r"\b((?:in|at|on|near|above|behind|beside)\s+(?:an?\s|the\s|her\s|his\s)?[^,.;]{3,60})", text)
    if not found:
        return ""
    words = re.split(r"\s+(?:and|who|which|that|where|with|for|as)\b", found.group(1))[0]
    return re.sub(r"\b(?:her|his)\b", "{{char}}'s", named(words, material)).strip()


def openings(lines: Sequence[Line]) -> list[Line]:
    """Lines with which a conversation may begin: to somebody, about nobody else, of a good length; the best first."""

    def score(line: Line) -> float:
        text = line.text
        good = 2.0 if _GREETS.search(text) else 0.0
        good += 1.2 if _ASKS.search(text) else 0
        good += 0.8 if re.search(r"\byou(?:r)?\b", text, re.IGNORECASE) else 0
        good += 0.6 if _SELF.search(text) else 0
        good -= 1.5 if _LEANS.search(text) else 0
        good -= len(_NAME.findall(text))
        return good - abs(len(text) - 90) / 120

    fitting = [line for line in lines if 18 <= len(line.text) <= 260]
    return sorted(fitting, key=lambda line: -score(line))


def _greetings(material: Material, made: Writing, options: Options) -> None:
    texts: list[tuple[str, Line | None]] = []
    if told := material.stated.get("first_mes"):
        texts.append((named(told, material), Line(text=told, quote=told)))
    acts = _acts(material)
    for number, opening in enumerate(_turned(openings(material.lines)[:40], options.greetings, options)):
        act = acts[number % len(acts)] if acts else "{{char}} looks up."
        texts.append((f"*{act}*\n\n“{opening.text}”", opening))
    texts += [(text, None) for text in _own_words(material)] if len(texts) < 2 else []
    if not texts:
        texts = [
            (
                "*{{char}} looks up as {{user}} comes closer.*\n\n“There you are. Sit down, and tell me what brings you here.”",
                None,
            )
        ]
        made.notes.append("The source has no spoken line of the character; the greeting is a plain frame.")
    kept = texts[: options.greetings]
    for number, (text, line) in enumerate(kept):
        _keep(made, "first_mes" if number == 0 else "alternate_greetings", text, "source" if line else "frame", line)
    made.fields["first_mes"] = kept[0][0]
    made.fields["alternate_greetings"] = [text for text, _ in kept[1:]]


def _turned(lines: list[Line], most: int, options: Options) -> list[Line]:
    """The best lines; writing a field again (a job based on another, with its seed one higher) takes the next ones."""
    turn = (options.seed or 0) * most if options.based_on else 0
    begin = turn % len(lines) if lines else 0
    return [*lines[begin:], *lines[:begin]][:most]


def _acts(material: Material) -> list[str]:
    """Small movements of the character in the source's own words."""
    found = [
        named(claim.text.rstrip("."), material) + "."
        for claim in material.claims
        if claim.kind is Kind.EVENT and len(claim.text) < 130 and _MOVES.search(claim.text) and claim.weight > 0.25
    ]
    pronoun = material.pronoun.capitalize()
    return [re.sub(rf"^{pronoun}\b", "{{char}}", text) if pronoun else text for text in found][:12]


def _own_words(material: Material) -> list[str]:
    """Greetings out of statements about the character, said in the first person."""
    told = [_said(c, material) for c in best(material.claims, tuple(_MOST))]
    said = [text for text in told if text and len(text) < 150 and not text.startswith("My name")]
    pairs = [pair for pair in (said[0:2], said[2:4]) if pair]
    act = "*{{char}} looks up as {{user}} comes closer.*"
    return [f"{act}\n\n“{' '.join(pair)} And you? What brings you here?”" for pair in pairs]


def _said(claim: Claim, material: Material) -> str:
    """A statement as the character would say it of themselves; '' where that is not certain."""
    told = _third(claim.text, material)
    # Relative clauses keep their verb of the third person (“that he always loses”); those are not turned.
    if re.search(r"\b(?:that|which|whom)\s+(?:he|she)\b", told):
        return ""
    return first_person(told, material.name, _gender(material)) or ""


def _gender(material: Material) -> str:
    return {"she": "female", "he": "male"}.get(material.pronoun, "")


def _example(material: Material, made: Writing, options: Options) -> None:
    if told := material.stated.get("mes_example"):
        made.fields["mes_example"] = f"<START>\n{named(told, material)}"
        made.support.append(Support(field="mes_example", text=told, origin="source", quote=told))
        return
    pairs = [line for line in material.lines if line.cue and 12 <= len(line.cue) <= 220 and 20 <= len(line.text) <= 420]
    pairs.sort(key=_worth, reverse=True)
    blocks = []
    for line in _turned(pairs[:60], options.examples, options):
        text = f"{{{{user}}}}: {_unnamed(line.cue, material)}\n{{{{char}}}}: “{line.text}”"
        blocks.append(text)
        _keep(made, "mes_example", text, "source", line)
    if len(blocks) < min(2, options.examples):
        blocks += _asked(material, made)
    made.fields["mes_example"] = "\n".join(f"<START>\n{block}" for block in blocks[: options.examples])
    if not blocks:
        made.notes.append(
            "There is no example dialogue: the source has neither spoken lines nor facts that could be said."
        )


def _worth(line: Line) -> float:
    """How well an exchange stands alone: a question, an answer about oneself, few names of others, not too long."""
    others = len(_NAME.findall(line.cue)) + len(_NAME.findall(line.text))
    return (
        2 * bool(_ASKS.search(line.cue))
        + bool(_SELF.search(line.text))
        - 0.6 * others
        - len(line.cue + line.text) / 500
    )


def _unnamed(cue: str, material: Material) -> str:
    return re.sub(r"\s+", " ", named(cue, material)).strip()


_QUESTIONS = (
    (Kind.IDENTITY, "Who are you?"), (Kind.PLACE, "Where do you live?"), (Kind.HABIT, "What do your days look like?"),
    (Kind.LIKE, "What do you care about?"), (Kind.SKILL, "What are you good at?"), (Kind.HISTORY, "How did you get here?"),
    (Kind.RELATION, "Who matters to you?"), (Kind.FACT, "Tell me something about yourself."),
)  # fmt: skip


def _asked(material: Material, made: Writing) -> list[str]:
    """Questions of ours, answered with the source's statements in the first person."""
    blocks = []
    for kind, question in _QUESTIONS:
        for claim in best(material.claims, (kind,)):
            said = _said(claim, material)
            if said and 14 < len(said) < 240 and "years old" not in said:
                blocks.append(f"{{{{user}}}}: {question}\n{{{{char}}}}: “{said}”")
                _keep(made, "mes_example", blocks[-1], "source", claim)
                break
    return blocks


def _tags(material: Material, made: Writing, _options: Options) -> None:
    listed = [tag.strip().lower() for tag in material.stated.get("tags", "").split(",") if tag.strip()]
    who = [_trade(claim.text, material) for claim in material.claims if claim.kind is Kind.IDENTITY]
    places = [one.name.lower() for one in material.entities if one.kind == "place"][:2]
    gender = _gender(material)
    found = [*listed, *(word for word in who if word), *([gender] if gender else []), *material.traits[:3], *places]
    made.fields["tags"] = list(dict.fromkeys(found))[:10]


def _trade(text: str, material: Material) -> str:
    """“lighthouse keeper” out of “She is a 40-year-old grumpy lighthouse keeper who …”."""
    named_ = re.search(r"\b(?:is|was|:)\s+(?:now\s+)?(?:an?\s+|the\s+)?([^,.;]{3,60})", _third(text, material))
    if not named_:
        return ""
    head = (
        re.split(r"\b(?:who|which|that|from|in|of|at|on|with|and|to|for|but|near|whose)\b", named_.group(1))[0]
        .strip()
        .lower()
    )
    words = [
        w
        for w in head.split()
        if w not in material.traits and not re.match(r"^\d|.*-old$|retired$|former$|young$|old$|years?$", w)
    ]
    return " ".join(words[-2:]) if 0 < len(words) <= 4 and not any(w[:1].isdigit() for w in words) else ""


def _system_prompt(material: Material, made: Writing, _options: Options) -> None:
    how = spoken.manner(material.lines)
    text = "Write only what {{char}} says and does. Stay with what the description and the lorebook state; never speak for {{user}}."
    made.fields["system_prompt"] = f"{text} {how.replace('Speaks', '{{char}} speaks')}".strip()
    _keep(made, "system_prompt", made.fields["system_prompt"], "frame")


def _book(material: Material, made: Writing, options: Options) -> None:
    entries = []
    for number, one in enumerate(material.entities[: options.entries]):
        text = named(one.text, material)
        quote = one.quotes[0] if one.quotes else ""
        made.support.append(Support(field="character_book", text=text, origin="source", quote=quote))
        keys = [one.name, *(alias for alias in one.aliases if len(alias) > 2)][:6]
        entries.append(freely.entry_of(number, one.name, one.kind, keys, text))
    made.fields["character_book"] = freely.book_of(material.name, entries)


_FIELDS = {
    "description": _description,
    "personality": _personality,
    "scenario": _scenario,
    "first_mes": _greetings,
    "mes_example": _example,
    "tags": _tags,
    "system_prompt": _system_prompt,
    "character_book": _book,
}

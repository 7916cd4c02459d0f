"""Short things: a comment for the Stage audience, drafts of replies (a person sends), a description with tags."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from pydantic import BaseModel, Field, ValidationError

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import OutsideError
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.values import TextRequest
from ainfluencer.makers import queries as maker_queries
from ainfluencer.makers import service as makers
from ainfluencer.writing import banks, free, safety
from ainfluencer.writing.embeddings import nearness
from ainfluencer.writing.finish import tag
from ainfluencer.writing.material import own_words
from ainfluencer.writing.schemas import Line, ReplyDraft

_EXAMPLES: dict[str, tuple[str, ...]] = {
    "thanks": (
        "I love this so much",
        "this is beautiful",
        "thank you for sharing",
        "your posts make my day",
        "great photo",
    ),
    "question": (
        "where did you get this?",
        "how do you do that?",
        "what camera do you use?",
        "can you tell us more?",
        "why?",
    ),
    "agree": ("so true", "exactly this", "I feel the same", "same here, always", "this is me"),
    "greeting": ("hi", "hello from Brazil", "good morning", "new here, just followed you"),
    "criticism": (
        "I disagree with this",
        "this is boring",
        "you are wrong about that",
        "not your best post",
        "hate this",
    ),
}


class Description(BaseModel):
    """A text about something, and its tags (TXT-005)."""

    text: str = Field(min_length=1, max_length=2000)
    tags: list[str] = Field(default_factory=list, max_length=20)
    source: str = ""


async def comment(
    actor: Actor, sheet: CharacterSheet, post_text: str, author_name: str, own_lines: Sequence[str] = ()
) -> str:
    """What this character would say under a post of somebody else, on the local Stage; '' when nothing fits.

    The same post and character give the same comment from the curated lines. `own_lines`, best first, are used in their
    place where no larger model is connected: a speaker who brings a voice of their own.
    """
    actor.require(Right.CREATE)
    if safety.findings(post_text) or safety.crossed(post_text, sheet.boundaries):
        return ""
    slug = await _large(actor)
    if slug:
        asked = f"{author_name} posted: “{post_text[:1000]}”\nWrite one comment of at most 140 characters as {sheet.name}. Only the comment."
        for text in await _ask(actor, slug, sheet, asked, 1):
            return text
    if own_lines:
        return next((line for line in own_lines if not safety.findings(line)), "")
    rng = random.Random(f"{sheet.id}|{post_text}")  # noqa: S311 - variety, not secrecy
    language = banks.language_of(sheet.persona.language)
    if not language:
        return ""
    bank = await banks.bank_for(post_text[:200], "", language)
    lines = list(banks.general(language)["comments"]["any"])
    if not bank.is_general and rng.random() < 0.45:
        lines = [t for t in bank.thoughts if len(t) <= 110] or lines
    fresh = [t for t in lines if t.lower() not in post_text.lower()]
    return rng.choice(fresh) if fresh else ""


async def reply_drafts(actor: Actor, sheet: CharacterSheet, conversation: Sequence[Line]) -> tuple[ReplyDraft, ...]:
    """Three possible answers to the last line of a conversation. Drafts only: a person reads, edits and sends.

    Raises:
        PolicyRefused: the conversation asks for something that is never written.

    """
    actor.require(Right.CREATE)
    if not conversation:
        return ()
    last = conversation[-1].text
    safety.refuse(last, age=sheet.age)
    drafts: list[ReplyDraft] = []
    slug = await _large(actor)
    if slug:
        told = "\n".join(f"{sheet.name if x.is_ours else x.author}: {x.text[:500]}" for x in conversation[-12:])
        asked = f"The conversation:\n{told}\n\nWrite {sheet.name}'s next line, at most 240 characters. Only the line."
        drafts = [ReplyDraft(text=t, source=slug) for t in await _ask(actor, slug, sheet, asked, 3)]
    if len(drafts) < 3 and banks.language_of(sheet.persona.language):
        drafts += [ReplyDraft(text=t, source="curated lines") for t in await _curated_replies(sheet, last)]
    return tuple({d.text: d for d in drafts}.values())[:3]


async def _curated_replies(sheet: CharacterSheet, last: str) -> list[str]:
    language = banks.language_of(sheet.persona.language)
    lines = banks.general(language)["replies"]
    kind = await kind_of(last)
    rng = random.Random(f"{sheet.id}|{last}")  # noqa: S311 - variety, not secrecy
    found = rng.sample(lines[kind], len(lines[kind]))
    bank = await banks.bank_for(last[:200], "", language)
    if not bank.is_general and kind in {"agree", "other", "thanks"}:
        found.insert(1, f"{found[0]} {rng.choice(bank.questions)}")
    return found


async def kind_of(text: str) -> str:
    """What sort of remark it is: thanks, question, agree, greeting, criticism or other; by the nearest example."""
    if text.rstrip().endswith("?"):
        return "question"
    pairs = [(kind, example) for kind, examples in _EXAMPLES.items() for example in examples]
    near = await nearness(text, [example for _, example in pairs])
    best = max(range(len(pairs)), key=near.__getitem__)
    return pairs[best][0] if near[best] >= 0.4 else "other"


async def describe(
    actor: Actor, sheet: CharacterSheet, subject: str, *, max_text: int = 500, max_tags: int = 10
) -> Description:
    """A description and tags for a post or video about `subject`; with an empty subject about the character.

    Raises:
        PolicyRefused: the subject is something that is never written about.

    """
    actor.require(Right.CREATE)
    safety.refuse(subject, age=sheet.age)
    own = own_words(sheet)
    slug = await _large(actor)
    if slug:
        asked = (
            f"Describe for viewers: {subject or sheet.name}. At most {max_text} characters, then up to {max_tags} tags."
        )
        request = TextRequest(
            ({"role": "system", "content": free.persona(sheet, sheet.persona.language, own)}, {"role": "user", "content": asked}),
            max_tokens=500, temperature=0.7, schema=Description.model_json_schema(),
        )  # fmt: skip
        try:
            made = await makers.make(actor, request, slug=slug)
            answer = Description.model_validate_json(made.text.texts[0])
        except (OutsideError, ValidationError):
            answer = None
        if answer and not safety.findings(answer.text, age=sheet.age):
            tags = [t for t in map(tag, answer.tags) if t]
            return Description(text=answer.text[:max_text], tags=tags[:max_tags], source=made.title)
    return await _described(sheet, subject, max_text, max_tags)


async def _described(sheet: CharacterSheet, subject: str, max_text: int, max_tags: int) -> Description:
    facts = [s for s in own_words(sheet) if s.kind in {MaterialKind.FACT, MaterialKind.LORE}]
    near = await nearness(subject or sheet.name, [s.text for s in facts])
    ranked = [s.text for s, _ in sorted(zip(facts, near, strict=True), key=lambda p: -p[1])]
    text = subject.strip().rstrip(".") + "." if subject.strip() else ""
    for sentence in ranked[:3]:
        if len(text) + len(sentence) + 1 <= max_text:
            text = f"{text} {sentence}".strip()
    bank = await banks.bank_for(subject or " ".join(sheet.persona.topics), "", "en")
    offered = [*bank.tags, *(tag(t) for t in (*sheet.persona.topics, *sheet.interests))]
    tags = list(dict.fromkeys(t for t in offered if t))[:max_tags]
    return Description(
        text=text or f"{sheet.name}, a virtual character.", tags=tags, source="the character's own words"
    )


async def _large(actor: Actor) -> str:
    async with database().reading() as session:
        found = await maker_queries.choices(session, actor, Capability.TEXT)
    return found[0].slug if found and found[0].quality >= free.ENOUGH else ""


async def _ask(actor: Actor, slug: str, sheet: CharacterSheet, asked: str, count: int) -> list[str]:
    system = free.persona(sheet, sheet.persona.language, own_words(sheet))
    request = TextRequest(
        ({"role": "system", "content": system}, {"role": "user", "content": asked}),
        max_tokens=160, temperature=sheet.persona.temperature, candidates=count,
    )  # fmt: skip
    try:
        made = await makers.make(actor, request, slug=slug)
    except OutsideError:
        return []
    texts = [_line(sheet, t) for t in made.text.texts]
    return [t for t in texts if t and not safety.findings(t, age=sheet.age) and not safety.crossed(t, sheet.boundaries)]


def _line(sheet: CharacterSheet, text: str) -> str:
    """The bare line: without the speaker's name in front and quote marks around it."""
    names = "|".join(re.escape(n) for n in (sheet.name, sheet.name.split()[0]))
    return re.sub(rf"^\s*(?:(?:{names})\s*:)?\s*", "", text).strip().strip('“”"').strip()

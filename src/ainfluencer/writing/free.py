"""Free writing with a larger model: the prompt, the JSON schema, and what is done with the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel, Field, ValidationError

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import UnexpectedReply
from ainfluencer.integrations.values import TextRequest
from ainfluencer.makers import service as makers
from ainfluencer.makers.schemas import MadeBy
from ainfluencer.writing.material import Snippet
from ainfluencer.writing.schemas import PostBrief, PosterWords, PostFormat

ENOUGH = 30
"""From this quality on a maker writes freely; below it only inside a frame."""

_SHAPES: dict[PostFormat, str] = {
    PostFormat.QUOTE: "poster_title: one quotable line of at most 160 characters, in the character's voice. No items, no body.",
    PostFormat.LIST: "poster_title: at most 50 characters. poster_items: 3 to 5 short lines of at most 55 characters. No body.",
    PostFormat.CAROUSEL: "poster_title: at most 50 characters. poster_items: 3 pages of one or two sentences, at most 150 characters each.",
    PostFormat.STORY: "poster_title: at most 50 characters. poster_body: one or two sentences, at most 130 characters. No items.",
    PostFormat.LOOK_BOARD: "poster_title: at most 40 characters. poster_items: 3 to 6 style words or short phrases of this look.",
}


class Answer(BaseModel):
    """What the model must hand back."""

    caption: str = Field(min_length=20, max_length=2200)
    hashtags: list[str] = Field(default_factory=list, max_length=12)
    poster_title: str = Field(min_length=2, max_length=240)
    poster_body: str = Field("", max_length=300)
    poster_items: list[str] = Field(default_factory=list, max_length=8)

    def poster(self) -> PosterWords:
        """The words on the picture."""
        return PosterWords(title=self.poster_title, body=self.poster_body, items=tuple(self.poster_items))


async def write(
    actor: Actor, slug: str, sheet: CharacterSheet, brief: PostBrief, own: Sequence[Snippet], count: int
) -> tuple[list[Answer], MadeBy]:
    """Up to `count` answers of that maker; one more try with the error in words when none can be read.

    Raises:
        UnexpectedReply: nothing usable came, twice. Any error of the maker.

    """
    request = TextRequest(
        messages(sheet, brief, own),
        max_tokens=700,
        temperature=sheet.persona.temperature,
        seed=brief.seed or None,
        candidates=count,
        schema=Answer.model_json_schema(),
    )
    made = await makers.make(actor, request, slug=slug)
    answers, problem = read(made.text.texts, brief)
    if answers:
        return answers, made
    again = (
        *request.messages,
        {"role": "assistant", "content": made.text.texts[0][:2000]},
        {
            "role": "user",
            "content": f"That could not be used: {problem} Answer again with one JSON object that matches the schema.",
        },
    )
    made = await makers.make(actor, replace(request, messages=again, candidates=1), slug=slug)
    answers, problem = read(made.text.texts, brief)
    if not answers:
        raise UnexpectedReply(slug, f"{made.title} answered twice with something that cannot be used: {problem}")
    return answers, made


def read(texts: Sequence[str], brief: PostBrief) -> tuple[list[Answer], str]:
    """The answers that can be read, and the last problem in words."""
    found: list[Answer] = []
    problem = "the answer was empty."
    for text in texts:
        try:
            answer = Answer.model_validate(_object(text))
        except ValidationError as e:
            first = e.errors()[0]
            problem = f"{'.'.join(str(p) for p in first['loc']) or 'the answer'}: {first['msg']}."
        except ValueError as e:
            problem = f"it is not a JSON object ({e})."
        else:
            if (
                brief.format in {PostFormat.LIST, PostFormat.CAROUSEL, PostFormat.LOOK_BOARD}
                and len(answer.poster_items) < 2
            ):
                problem = "poster_items: at least 2 items are needed for this design."
            else:
                found.append(tidy(answer))
    return found, problem


def _object(text: str) -> object:
    """The JSON object in an answer, also when it comes in a code fence or after some thinking out loud."""
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        msg = "no object in it"
        raise ValueError(msg)
    return json.loads(text[start : end + 1])


def tidy(answer: Answer) -> Answer:
    """Hashtags out of the caption's end, quote marks around it gone."""
    caption = re.sub(r"(?:\s*#[\w]+)+\s*$", "", answer.caption).strip()
    if len(caption) > 2 and caption[0] in '"“' and caption[-1] in '"”':
        caption = caption[1:-1].strip()
    moved = re.findall(r"#\w+", answer.caption) if caption != answer.caption else []
    return answer.model_copy(update={"caption": caption or answer.caption, "hashtags": [*answer.hashtags, *moved]})


def messages(sheet: CharacterSheet, brief: PostBrief, own: Sequence[Snippet]) -> tuple[Mapping[str, str], ...]:
    """The whole conversation for one post: who speaks, what they would never do, what is wanted."""
    wanted = [
        f"Write one social media post as {sheet.name}.",
        f"Theme: {brief.theme}." + (f" Angle: {brief.angle}." if brief.angle else ""),
        f"Mood: {brief.mood}." + (f" It appears on {brief.day_label}." if brief.day_label else ""),
        (
            f"Caption: first line is a hook, then one to three short sentences, then a question or a plain closing line; at most"
            f" {min(brief.max_text, 600)} characters; no hashtags inside it. Hashtags: at most {brief.max_hashtags}, separately."
        ),
        f"Picture design: {brief.format.replace('_', ' ')}. {_SHAPES[brief.format]}",
    ]
    if brief.avoid:
        used = "\n".join(f"- {t[:160]}" for t in brief.avoid[-8:])
        wanted.append(f"Do not repeat these earlier texts or their openings:\n{used}")
    return (
        {"role": "system", "content": persona(sheet, brief.language, own)},
        {"role": "user", "content": "\n".join(wanted)},
    )


def persona(sheet: CharacterSheet, language: str, own: Sequence[Snippet]) -> str:
    """The system message (PER-002): who the character is, how they sound, what they never do. Also used for free texts."""
    traits = sheet.persona.traits
    lines = [f"You write in the voice of {sheet.name}, a fictional virtual character."]
    lines += [f"About them: {sheet.bio[:800]}"] if sheet.bio else []
    lines += [f"They live in {sheet.location}."] if sheet.location else []
    for label, words in (
        ("Tone", sheet.persona.content_tone),
        ("Way of speaking", sheet.persona.communication_style),
        ("Topics", ", ".join(sheet.persona.topics or sheet.interests)),
        ("More", sheet.persona.prompt[:1200]),
    ):
        lines += [f"{label}: {words}"] if words else []
    lines.append(
        f"Traits from 0 to 1: extroversion {traits.extroversion:.1f}, creativity {traits.creativity:.1f}, humour {traits.humor:.1f}, "
        f"professionalism {traits.professionalism:.1f}, authenticity {traits.authenticity:.1f}."
    )
    quotes = [s.text for s in own if s.kind in {MaterialKind.QUOTE, MaterialKind.GREETING}][:5]
    facts = [s.text for s in own if s.kind in {MaterialKind.FACT, MaterialKind.LORE}][:6]
    lines += ["How they sound (do not copy):", *(f"- {q}" for q in quotes)] if quotes else []
    lines += ["What is true of them:", *(f"- {f}" for f in facts)] if facts else []
    if sheet.boundaries:
        lines += ["They never cross these boundaries:", *(f"- {b}" for b in sheet.boundaries)]
    lines += [
        (
            "Rules: plain, specific, warm; no clichés, no exclamation marks, no emoji unless the tone asks for them. Do not claim to be a"
            " human being or hide that the character is virtual. No medical, legal or money promises, no real people, no links, no invented"
            " events, dates or numbers. Nothing sexual."
        ),
        f"Language of the answer: {language}.",
    ]
    return "\n".join(lines)

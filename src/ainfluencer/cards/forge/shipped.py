"""The profiles that come with the product. They are read-only; a copy of one can be changed."""

from __future__ import annotations

from ainfluencer.cards.forge.profile_shapes import ConfigProfile, PromptProfile

_EXTRACT = """You read a part of a source text and collect what it says about ${name}.
Rules: state only what this text says. Every statement has a quote: the exact words of the text, copied letter by letter, at most 40 words.
Leave out what you merely assume. Also collect up to 6 lines that ${name} speaks (exactly as written) with what was said to them just before,
and people, places and things around ${name} with a quote each.
Answer in ${language} with one JSON object that matches the schema.

Chapter: ${chapter}
TEXT:
${source}"""
_WRITE = """Write a character card of ${name} for role-play chat, from these proven statements only.
${focus}
Rules: use {{char}} for the character and {{user}} for the reader inside every field. Never speak or act for {{user}}. Invent no event, date,
relation or number that the statements do not give. Where statements contradict each other, stay with the first.
description: 120 to 350 words in the third person: who they are, how they look, what they do, whom they know.
personality: 2 to 4 sentences. scenario: 1 or 2 sentences that bring {{user}} and {{char}} together.
first_mes: an opening of 60 to 180 words in ${name}'s own voice, actions in *asterisks*, ending with something that {{user}} can answer.
alternate_greetings: 2 other openings. mes_example: 3 short exchanges, each begun with <START>, lines begun with {{user}}: and {{char}}:.
tags: 4 to 10 in lower case. system_prompt: at most 60 words, or empty. creator_notes: 1 or 2 sentences for people.
Answer in ${language} with one JSON object that matches the schema.

${given}STATEMENTS:
${claims}

HOW ${name} SPEAKS (their own lines):
${lines}"""
_REVISE = """Revise a character card of ${name}. Change what the instruction asks for and nothing else; keep every other sentence word for word.
Instruction: ${instruction}
Rules: use {{char}} and {{user}} inside every field; never speak for {{user}}. Answer in ${language} with one JSON object that matches the schema,
holding the changed fields.

CARD:
${card}

STATEMENTS OF THE SOURCE (may be empty):
${claims}"""
_BOOK = """Write lorebook entries for a role-play card of ${name}, one for each of these people, places and things, from the given quotations only.
content: 1 to 4 plain sentences that can be read alone. keys: 1 to 5 words or names that a chat would use. kind: person, place or thing.
Answer in ${language} with one JSON object that matches the schema.

${claims}"""
_REPAIR = """These fields of a character card have faults. Correct the faults, change nothing else, and answer with one JSON object that holds
the corrected fields, in ${language}.

FAULTS:
${faults}

CARD:
${card}"""
_CHECK = """Hold each statement of a character card against the quotations of its source.
verdict: supported (a quotation says so), contradicted (a quotation says otherwise) or not_in_source. quote: the exact words, or empty.
Answer with one JSON object that matches the schema.

STATEMENTS:
${claims}

SOURCE:
${source}"""
_TRANSLATE = """Translate texts of a role-play character card into ${language}. They belong to one card: translate the same word alike everywhere.
Rules: translate each text whole, in its own tone, person and tense; leave nothing out, explain nothing, add nothing.
Marks such as ⟦3⟧ stand for names and code. Copy every mark exactly, as often as it stands in the text, where the sentence in ${language} wants it.
Keep line breaks, *asterisks*, quotation marks, lists and other Markdown where they are. Keep what begins a line at the beginning of its line.
Answer with one JSON object that matches the schema: for each text its number and its translation.

TEXTS:
${source}

FAULTS OF YOUR LAST TRANSLATION OF THESE TEXTS, TO BE MENDED:
${faults}

WHAT ELSE TO LOOK OUT FOR:
${instruction}"""
_LOOK = """Describe how the character in this picture looks, for somebody who draws or writes an invented, synthetic character from your words.
State only what can be seen: build, apparent age as an adult or a child, hair, eyes, skin, face, clothes, things worn or held, posture, expression,
style of the picture, and the surroundings. One plain sentence for each statement, in ${language}, beginning with “${name}”.
Never say or guess who somebody is, also when you believe that you recognise them: no name, no resemblance to a person, no title, no origin,
no belief, no health. Write nothing about character or past.
Answer with one JSON object that matches the schema."""
_WORLD = "The world comes first: name the place, the people and the rules that shape {{char}}, and let the scenario stand inside that world."
_PERSON = "The person comes first: temper, habits, contradictions and voice; the world only where it shows in them."
_NOVEL = "The source is a novel. Describe {{char}} as they are at its beginning, without telling how it ends, so that {{user}} can live the story."
_IDEA = (
    "The source is an idea of a few words. You may invent what it leaves open (looks, home, habits, a past), in its spirit; say in"
    " creator_notes what you invented."
)


def _prompts(focus: str) -> dict[str, str]:
    return {
        "focus": focus,
        "extract": _EXTRACT,
        "write": _WRITE,
        "revise": _REVISE,
        "book": _BOOK,
        "repair": _REPAIR,
        "check": _CHECK,
        "translate": _TRANSLATE,
        "look": _LOOK,
    }


CONFIGS: tuple[ConfigProfile, ...] = (
    ConfigProfile(
        id="basic",
        name="basic",
        description="The best text maker that is connected, with the temperature and length that suit most sources.",
        temperature=0.8,
        max_tokens=60_000,
        is_shipped=True,
    ),
    ConfigProfile(
        id="offline",
        name="offline",
        description="By rules from the source's own words, with the built-in small model for one sentence. Needs no network and costs nothing.",
        maker="offline",
        temperature=0.7,
        max_tokens=200,
        seed=1,
        is_shipped=True,
    ),
    ConfigProfile(
        id="careful",
        name="careful",
        description="Close to the source: a low temperature and a fixed seed, so that the same source gives the same card.",
        temperature=0.3,
        max_tokens=16_000,
        seed=1,
        is_shipped=True,
    ),
    ConfigProfile(
        id="novel",
        name="novel",
        description="For whole books: three hours of time and more tries, because every part of the book is read.",
        temperature=0.5,
        max_tokens=60_000,
        timeout_seconds=10_800,
        retries=4,
        is_shipped=True,
    ),
)
PROMPTS: tuple[PromptProfile, ...] = (
    PromptProfile(
        id="default",
        name="default",
        description="World-focused cards: place, people and rules first, with a lorebook around them.",
        prompts=_prompts(_WORLD),
        is_shipped=True,
    ),
    PromptProfile(
        id="person",
        name="person",
        description="Person-focused cards: temper, habits and voice first.",
        prompts=_prompts(_PERSON),
        is_shipped=True,
    ),
    PromptProfile(
        id="novel",
        name="novel",
        description="A character of a novel as they are at its beginning, with a lorebook of people and places.",
        prompts=_prompts(_NOVEL),
        is_shipped=True,
    ),
    PromptProfile(
        id="idea",
        name="idea",
        description="An idea of a few words: the model may invent what it leaves open, and says what it invented.",
        prompts=_prompts(_IDEA),
        is_shipped=True,
    ),
)
VARIABLES = {
    "focus": (),
    "extract": ("name", "source"),
    "write": ("name", "claims"),
    "revise": ("card", "instruction"),
    "book": ("claims",),
    "repair": ("card", "faults"),
    "check": ("claims", "source"),
    "translate": ("language", "source"),
    "look": ("name",),
}
"""The steps that have a prompt, and the variables without which a prompt would not know its matter."""
KNOWN = frozenset(
    {"name", "language", "source", "chapter", "claims", "lines", "focus", "given", "card", "instruction", "faults"}
)

"""Cards as other tools write them, in our own words: one for each way in which a stranger's card was once misread."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ainfluencer.cards import service
from ainfluencer.cards.understanding import interests, markup, topics
from ainfluencer.cards.understanding.topics import Told
from ainfluencer.characters.schemas import CharacterDraft, CharacterSheet, MaterialKind
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.writing import banks
from ainfluencer.writing import service as writing
from ainfluencer.writing.schemas import PostBrief, PosterWords
from tests.support.cards import cards

ALI_CHAT = {
    "name": "Tamsin",
    "description": (
        '[Tamsin\'s Personality= "patient", "watchful", "dry", "stubborn"]\n'
        '[Tamsin\'s body= "red hair", "long hair", "grey eyes", "green raincoat", "rubber boots"]\n<START>\n'
        '{{user}}: "What do you do out here?"\n'
        '{{char}}: *Tamsin leans on the rail, her hair like a curtain of wet rope, and looks you over.* "I keep the ferry. '
        'Somebody has to."  *She points at the far bank.* "Nobody crosses this river twice on the same day."\n'
        '{{user}}: "Are you never bored?"\n{{char}}: "Bored? The river is a *slow* talker, that is all."\n'
        "[Genre: mystery; Tags: river, folklore; Scenario: You missed the last ferry.]"
    ),
    "personality": "",
    "first_mes": '*You wake on the landing stage.* "You were asleep on my rope." *She smiles.* "The ferry leaves when I say so.',
    "mes_example": "",
    "tags": [],
    "character_book": {
        "name": "",
        "extensions": {},
        "entries": [
            cards.entry(
                1,
                keys=["marrow", "river"],
                content='{{user}}: "What is the Marrow?"\n{{char}}: "The Marrow is the river, and the river keeps what it is given." '
                '*She drops a coin over the side.* "My grandmother fed the Marrow a coin every spring."',
            ),
            cards.entry(2, keys=["power", "ability"], content="Power(s): none to speak of.", name="power"),
        ],
    },
}
SLASHED = {
    "name": "Grey Heron",
    "description": (
        '[Grey Heron: age(unknown/adult), occupation(Archivist/Restorer), title("The Patient One"); Appearance: head(shaved), '
        "eyes(pale grey/calm), outfit_top(black coat/white collar), accessories(ink-stained gloves); Persona: traits(exact/courteous/"
        'stubborn), motivations(saving every ledger/reading the burnt shelves), catchphrases("Paper forgives nothing that ink '
        'regrets"/"Slowly, please, it is older than us"); Tags: archive/main antagonist/INTJ]'
    ),
    "personality": "Grey Heron is a courteous archivist who repairs what fire has read first.",
    "first_mes": (
        '\\>the lamp over the reading desk flickers\n\n**Grey Heron** (without looking up): "You may touch the third shelf" '
        '(turning a page) "The fourth one bites."'
    ),
    "mes_example": (
        "<START>\n{{random_user_1}}: Is it true that you never sleep?\n{{char}}: \\>closes the ledger\n\n**Grey Heron**: "
        '"Sleep is for people whose catalogues are finished" (smiling thinly) "Every archive is a promise to somebody unborn."'
    ),
    "tags": ["archive", "antagonist", "INTJ", "5w6", "gentle", "librarian"],
}
LINES = {
    "name": "Otto_Brandt",
    "description": "Name: Otto Brandt\nAge: 61\nOccupation: lock keeper\nLikes: cold tea, canal boats, brass polish\nDislikes: hurry",
    "personality": "[ {{char}}: slow, kind, exact; {{char}}'s habits: late nights, cold tea at noon, long letters ]",
    "first_mes": "*Otto waves you over.* Morning, {{user}}. The lock opens at six and not before.",
    "mes_example": "<START>\n{{user}}: Busy?\n{{char}}: *counts the boats* Water never hurries and is never late. *nods* Ask the canal.",
    "tags": [],
}
TOLD = {
    "name": "Captain Ines Vale",
    "description": (
        "[Ines]: Captain Ines Vale commands the tug Perpetua, a stubborn little ship that tows what others give up. At 44, she's seen "
        "every harbour of the Lower Coast. She trusts her engine more than most people and hates being towed herself. Her cabin "
        "smells of diesel and oranges. Despite her rough manner, she is a patient teacher."
    ),
    "personality": "",
    "first_mes": '"Subject {{user}} reporting for duty?" *she asks.* "Good tugs are ugly on purpose."',
    "mes_example": "",
    "tags": ["sea", "scifi"],
}
THIN = {
    "name": "Unit Nine",
    "description": "Unit Nine's = [android, polite, exact, patient]",
    "personality": "Unit Nine is an android built by Halvard Works. Unit Nine will answer questions for {{user}} politely.",
    "first_mes": "How can I help you today, {{user}}?",
    "mes_example": "",
    "tags": [],
}
STRANGERS: dict[str, dict[str, Any]] = {
    "ali_chat": ALI_CHAT, "slashed": SLASHED, "lines": LINES, "told": TOLD, "thin": THIN,
}  # fmt: skip


def draft(changes: dict[str, Any]) -> CharacterDraft:
    return service.read_source(json.dumps(cards.v2(**({"scenario": ""} | changes))).encode(), "card.json").draft


def texts(made: CharacterDraft, kind: MaterialKind) -> list[str]:
    return [m.text for m in made.material if m.kind is kind]


def test_dialogue_in_a_description_is_quoted_not_narrated() -> None:
    made = draft(ALI_CHAT)
    quotes, facts = texts(made, MaterialKind.QUOTE), texts(made, MaterialKind.FACT)
    assert "I keep the ferry. Somebody has to." in quotes
    assert "Nobody crosses this river twice on the same day." in quotes
    assert "Bored? The river is a slow talker, that is all." in quotes
    assert not any("leans" in text or "looks you over" in text for text in (*quotes, *facts))
    assert made.bio
    assert "you" not in made.bio.lower().split()
    assert made.gender == "female"


def test_a_lorebook_entry_in_dialogue_gives_quotes_with_their_source() -> None:
    made = draft(ALI_CHAT)
    said = {m.text: m for m in made.material if m.source.startswith("lorebook: marrow") or "marrow" in m.keys}
    assert "My grandmother fed the Marrow a coin every spring." in said
    assert all(m.kind is MaterialKind.QUOTE for m in said.values())
    assert not any("drops a coin" in text for text in said)


def test_topics_are_things_that_somebody_could_talk_about() -> None:
    made = draft(ALI_CHAT)
    assert {"river", "folklore", "the Marrow"} <= {t.replace("rivers", "river") for t in made.persona.topics}
    assert not {"power", "as well", "curtain of wet rope"} & set(made.persona.topics)
    assert made.interests == ()


def test_looks_out_of_a_list_that_mixes_them() -> None:
    look = draft(ALI_CHAT).look
    assert look.hair == "red, long"
    assert look.eyes == "grey"
    assert look.clothing == "green raincoat, rubber boots"


def test_nested_attributes_with_slashes() -> None:
    made = draft(SLASHED)
    quotes = texts(made, MaterialKind.QUOTE)
    assert "Traits: exact, courteous, stubborn" in texts(made, MaterialKind.FACT)
    assert "Paper forgives nothing that ink regrets." in quotes
    assert "Sleep is for people whose catalogues are finished." in quotes
    assert "The fourth one bites." in quotes
    assert not any("\\" in q or "*" in q or ">" in q or "Heron" in q for q in quotes)
    assert "black coat" in made.look.clothing


def test_types_of_people_and_roles_in_a_story_are_no_topics() -> None:
    found = draft(SLASHED).persona.topics
    assert "life as a librarian" in found or "life as an archivist" in found
    assert not {"antagonist", "INTJ", "5w6", "gentle", "main antagonist"} & set(found)


def test_labelled_lines_and_a_name_with_underscores() -> None:
    made = draft(LINES)
    assert made.name == "Otto Brandt"
    assert made.age == 61
    assert made.interests == ("cold tea", "canal boats", "brass polish")
    assert made.persona.topics[0] == "life as a lock keeper"
    assert "Water never hurries and is never late." in " ".join(texts(made, MaterialKind.QUOTE))
    assert made.greeting.endswith("Morning. The lock opens at six and not before.")


def test_a_placeholder_that_no_word_can_replace_is_left_out() -> None:
    quotes = texts(draft(TOLD), MaterialKind.QUOTE)
    assert quotes == ["Good tugs are ugly on purpose."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Her hair falls like a waterfall of silk.", []),
        ("I hold deep love for the dwellers of this forest, as well as for those in need.", []),
        ("She loves crosswords, treats the staff like stagehands, and sings.", ["crosswords"]),
        ("He enjoys chasing after imaginary mice and napping in sunbeams.", ["napping in sunbeams"]),
        (
            "I love exploring, going out with friends, and playing the viola.",
            ["exploring", "going out with friends", "playing the viola"],
        ),
        ("His love for music and his passion for sailing are known.", ["music", "sailing"]),
        ("She has nervous habits like neck-touching.", []),
    ],
)
def test_interests_need_somebody_who_likes_them(text: str, found: list[str]) -> None:
    assert interests.interests_of(markup.Attributes(), text)[0] == found


@pytest.mark.parametrize(
    ("block", "label", "values"),
    [
        ("[Ada: age(29/unsure), work(keeper), traits(shy/kind)]", "traits", ["shy", "kind"]),
        ('[Ada\'s Personality= "shy", "kind", "exact"]', "personality", ["shy", "kind", "exact"]),
        (
            "[ {{char}}: shy, kind, careful( with lamps ); {{char}}'s goals: one, two ]".replace("{{char}}", "Ada"),
            "goals",
            ["one", "two"],
        ),
        ("Ada's = [shy, kind,\n\texact]", "personality", ["shy", "kind", "exact"]),
        ("Ada + shy + kind + lamp keeper", "personality", ["shy", "kind", "lamp keeper"]),
        ("## Likes\n- fog\n- cold tea\n- brass", "likes", ["fog", "cold tea", "brass"]),
        ("Ada: shy, kind, exact", "personality", ["shy", "kind", "exact"]),
        ('[Character("Ada"){Hobbies("chess" + "rowing")Likes("tea")}]', "hobbies", ["chess", "rowing"]),
    ],
)
def test_lists_of_every_kind(block: str, label: str, values: list[str]) -> None:
    found = markup.parse(block, frozenset({"ada"}))
    assert found.values[label] == values
    assert not re.search(r"[\[\]{}=+]", found.prose)


def test_a_label_before_prose_only_goes() -> None:
    found = markup.parse(
        "[Ada]: Ada keeps a lighthouse near Porto.\nPersona: She reads the fog and never hurries.", frozenset({"ada"})
    )
    assert found.values == {}
    assert found.prose == "Ada keeps a lighthouse near Porto.\nShe reads the fog and never hurries."


def test_the_work_that_somebody_comes_from_is_no_topic() -> None:
    told = Told("Ada keeps a lighthouse.", "", notes="Ada from the game Night Tide.")
    assert "Night Tide" not in topics.topics_of(["Night Tide", "fog"], [], markup.Attributes(), told, "Ada")


# --- a week of each -------------------------------------------------------------------------------------------


def sheet_of(made: CharacterDraft) -> CharacterSheet:
    shared = {name: getattr(made, name) for name in CharacterSheet.model_fields if hasattr(made, name)}
    return CharacterSheet(**{**shared, "id": "2" * 26, "workspace_id": "0" * 26, "handle": "someone"})


CURATED = {line for bank in banks.topics("en").values() for line in (*bank.hooks, *bank.thoughts, *bank.questions)}


def flaws(caption: str, poster: PosterWords) -> list[str]:
    """What an editor would strike out."""
    found = []
    for line in (*caption.split("\n\n"), poster.title, poster.body, *poster.items):
        if (
            re.search(r"[*_`{}\[\]<>|\\]|\s[,.]|\.\.\.\.", line)
            or line.count('"') % 2
            or line.count("“") != line.count("”")
        ):
            found.append(f"stray mark: {line}")
        if re.search(r"\b(?:she|he|her|his|him)\b", line) and line not in CURATED:
            found.append(f"wrong person: {line}")
        if line[:1].islower() and line not in poster.items:
            found.append(f"cut: {line}")
    return found + [f"cut: {part}" for part in caption.split("\n\n") if part and part[-1] not in ".!?…\"”')"]


@pytest.mark.parametrize("slug", STRANGERS)
async def test_a_week_that_could_be_posted(db: Database, owner: Actor, slug: str) -> None:
    sheet = sheet_of(draft(STRANGERS[slug]))
    used: list[str] = []
    own = 0
    for position, theme in enumerate(writing.themes(sheet, 7, seed=4)):
        brief = PostBrief(
            theme=theme.title,
            angle=theme.angle,
            format=theme.format,
            mood=theme.mood,
            avoid=tuple(used),
            seed=4 + position * 7919,
        )
        written = await writing.write_post(owner, sheet, brief)
        assert written.chosen is not None, written.candidates[0].needs_person
        best = written.candidates[written.chosen]
        assert flaws(best.caption, best.poster) == []
        said = [part for part in (*best.caption.split("\n\n"), best.poster.title, best.poster.body) if len(part) > 40]
        assert not set(said) & {line for text in used for line in text.splitlines()}
        own += "own words" in best.source
        used.append(
            "\n".join((best.caption.replace("\n\n", "\n"), best.poster.title, best.poster.body, *best.poster.items))
        )
    assert own >= (1 if slug == "thin" else 2)

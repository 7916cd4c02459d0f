"""The simulated audience: two dozen invented people, each with interests and a temper. Every profile says what they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`warmth` 0..1: how easily they like; `chatty` 0..1: how easily they write; `tone`: how they write."""

    handle: str
    name: str
    about: str
    interests: tuple[str, ...]
    warmth: float
    chatty: float
    tone: str


PEOPLE: tuple[Person, ...] = (
    Person(
        "ines_paints",
        "Inês",
        "Watercolours on the train.",
        ("art", "colour", "travel", "paper", "sea"),
        0.8,
        0.5,
        "warm",
    ),
    Person(
        "tomas_repairs",
        "Tomás",
        "If it has screws, it can be saved.",
        ("machines", "repair", "bicycle", "engine", "tools"),
        0.5,
        0.6,
        "dry",
    ),
    Person(
        "greta_garden",
        "Greta",
        "Tomatoes, mostly.",
        ("garden", "plants", "soil", "weather", "cooking"),
        0.8,
        0.6,
        "warm",
    ),
    Person(
        "ola_runs",
        "Ola",
        "Slow kilometres.",
        ("running", "health", "morning", "weather", "mountain"),
        0.7,
        0.4,
        "cheerful",
    ),
    Person(
        "nightshift_bea",
        "Bea",
        "Nurse. Reads at 3 a.m.",
        ("books", "night", "coffee", "health", "mystery"),
        0.6,
        0.7,
        "dry",
    ),
    Person(
        "pavel_bakes",
        "Pavel",
        "Flour everywhere.",
        ("bread", "baking", "cooking", "coffee", "family"),
        0.9,
        0.6,
        "cheerful",
    ),
    Person(
        "mira_maps",
        "Mira",
        "Collects old maps.",
        ("travel", "history", "sea", "mountain", "paper"),
        0.6,
        0.5,
        "curious",
    ),
    Person(
        "june_synth",
        "June",
        "Three synths, no space.",
        ("music", "technology", "night", "neon", "city"),
        0.6,
        0.5,
        "playful",
    ),
    Person("old_harbour", "Rui", "Retired skipper.", ("sea", "boats", "weather", "fishing", "surf"), 0.5, 0.7, "dry"),
    Person("lena_knits", "Lena", "Wool is a lifestyle.", ("craft", "wool", "winter", "home", "tea"), 0.9, 0.5, "warm"),
    Person(
        "kofi_cooks",
        "Kofi",
        "Spice drawer alphabetised.",
        ("cooking", "food", "travel", "family", "market"),
        0.8,
        0.6,
        "cheerful",
    ),
    Person(
        "ada_reads",
        "Ada",
        "One book a week, two if it rains.",
        ("books", "library", "poetry", "history", "mystery"),
        0.7,
        0.7,
        "curious",
    ),
    Person("sol_surf", "Sol", "Checking the swell.", ("surf", "sea", "beach", "morning", "music"), 0.8, 0.5, "playful"),
    Person(
        "hana_frames",
        "Hana",
        "Film photos only.",
        ("photography", "light", "city", "travel", "colour"),
        0.6,
        0.4,
        "curious",
    ),
    Person(
        "max_soldering",
        "Max",
        "It blinked. Success.",
        ("technology", "repair", "robots", "neon", "games"),
        0.5,
        0.6,
        "playful",
    ),
    Person(
        "teo_trails",
        "Teo",
        "Weekends above the tree line.",
        ("mountain", "hiking", "weather", "garden", "dogs"),
        0.7,
        0.4,
        "warm",
    ),
    Person(
        "bibi_vintage",
        "Bibi",
        "Hats. All the hats.",
        ("fashion", "style", "vintage", "colour", "city"),
        0.8,
        0.6,
        "playful",
    ),
    Person(
        "noor_writes", "Noor", "Poems in the notes app.", ("poetry", "books", "night", "love", "city"), 0.7, 0.6, "warm"
    ),
    Person(
        "emil_teaches",
        "Emil",
        "Physics for the impatient.",
        ("science", "technology", "space", "sea", "books"),
        0.5,
        0.6,
        "curious",
    ),
    Person(
        "caro_market",
        "Caro",
        "Saturday stall, rain or shine.",
        ("market", "food", "garden", "bread", "community"),
        0.8,
        0.5,
        "cheerful",
    ),
    Person("yuki_tea", "Yuki", "Quiet mornings.", ("tea", "home", "garden", "calm", "craft"), 0.8, 0.3, "warm"),
    Person(
        "dev_plays",
        "Dev",
        "Dungeon master on Thursdays.",
        ("games", "fantasy", "magic", "books", "music"),
        0.7,
        0.7,
        "playful",
    ),
    Person(
        "sister_moth",
        "Agnes",
        "Graveyards are gardens.",
        ("gothic", "night", "mystery", "history", "fashion"),
        0.6,
        0.5,
        "dry",
    ),
    Person(
        "leo_onwheels",
        "Leo",
        "City by bicycle.",
        ("bicycle", "city", "coffee", "health", "photography"),
        0.7,
        0.4,
        "cheerful",
    ),
)

NOTICE = "Simulated audience member: not a person."

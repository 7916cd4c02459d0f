"""`card play` and `card preview`: what a chat program makes of a card file. Works on files, without an instance."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from ainfluencer.cards.linting.budget import DEFAULT_CONTEXT
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.playing.chats import follow, spoken
from ainfluencer.cards.playing.entries import Rules
from ainfluencer.cards.playing.lore import Options
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.playing.prompt import preview
from ainfluencer.cli.groups import card_files
from ainfluencer.cli.groups.card_files import AsJson
from ainfluencer.cli.output import plain

File = Annotated[str, typer.Argument(metavar="FILE", help="Card file, or - for standard input.")]
User = Annotated[str, typer.Option(help="What {{user}} becomes.")]
Seed = Annotated[int, typer.Option(min=0, help="Settles {{pick}}, {{random}}, dice and chances.")]
Ways = Annotated[str, typer.Option("--rules", help="spec or sillytavern; by the card's version when left out.")]
Context = Annotated[int, typer.Option(min=256, help="Tokens of the chat's context.")]
Budget = Annotated[int, typer.Option(min=0, help="Tokens for lore; 0 takes the book's own.")]
Texts = Annotated[
    list[str],
    typer.Option(
        "--message",
        "--text",
        help="A message of the chat; repeat it, the newest last. “{{char}}: …” is the character's, all else the person's.",
    ),
]
SIGNS = {"fired": "✓", "cut": "✂", "silent": "·"}


def play(  # noqa: PLR0913 - a command's parameters are its options
    file: File,
    text: Texts,
    user: User = "You",
    rules: Ways = "",
    context: Context = DEFAULT_CONTEXT,
    budget: Budget = 0,
    seed: Seed = 0,
    greeting: Annotated[int, typer.Option(min=0, help="The greeting that opened the chat; 0 is first_mes.")] = 0,
    *,
    recursive: Annotated[
        bool | None, typer.Option(help="Whether lore fires lore; as the book says when left out.")
    ] = None,
    group_scoring: Annotated[
        bool, typer.Option("--group-scoring", help="Of a group the entry with the most keys is left.")
    ] = False,
    silent: Annotated[bool, typer.Option("--silent", help="Also list what does not fire.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try a card's lorebook on a chat: which entries fire, stay and rest, why, and what the budget cuts off."""

    def work() -> dict[str, Any]:
        card = card_files.opened(file).card
        said = [spoken(line, card) for line in text]
        replies = sum(one.role == "assistant" for one in said) + 1  # and its greeting
        ways = Options(_ways(rules), context, budget, is_recursive=recursive, greeting=greeting, replies=replies)
        turns = follow(card, said, Scene(card, user, seed=seed), replace(ways, counts_keys=group_scoring))
        told = turns[-1].fired.as_dict() | {"turns": [one.as_dict() for one in turns]}
        if not as_json:
            _tell(told, silent=silent)
        return told

    card_files.one(file, work, as_json=as_json)


def _tell(told: dict[str, Any], *, silent: bool) -> None:
    for turn in told["turns"][:-1]:
        card_files.tell(f"Message {turn['message'] + 1}:")
        for one in turn["entries"]:
            card_files.tell(plain(f"  {SIGNS[one['status']]} {one['label']}: {one['why']}{_until(one)}"))
    last = told["turns"][-1]
    ends = {one["index"]: _until(one) for one in last["entries"]}
    if len(told["turns"]) > 1:
        card_files.tell(f"Message {last['message'] + 1}, the last:")
    for one in told["entries"]:
        if silent or one["index"] in ends:
            place = f"{one['slot']}, {one['tokens']} tokens"
            why = f"{one['why']}{ends.get(one['index'], '')}"
            card_files.tell(plain(f"{SIGNS[one['status']]} {one['label']} ({place}): {why}"))
    for note in told["notes"]:
        card_files.tell(note)
    fired = sum(one["status"] == "fired" for one in told["entries"])
    card_files.tell(
        f"{fired} of {len(told['entries'])} entries fire: {told['tokens']} of {told['budget']} tokens, rules of {told['rules']}."
    )


def _until(one: dict[str, Any]) -> str:
    """How long an entry that fired now stays or rests; what stays or rests already says so itself."""
    if one["code"] in {"sticky", "cooldown"}:
        return ""
    stays, rests = one["stays_until"], one["rests_until"]
    return f" Stays through message {stays}." if stays else f" Rests through message {rests}." if rests else ""


def preview_card(
    file: File,
    text: Annotated[
        list[str] | None, typer.Option("--message", "--text", help="What is said after the greeting; repeatable.")
    ] = None,
    user: User = "You",
    rules: Ways = "",
    context: Context = DEFAULT_CONTEXT,
    seed: Seed = 0,
    greeting: Annotated[int, typer.Option(min=0, help="The greeting that opens the chat; 0 is first_mes.")] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the prompt that a chat program sends, part by part, with its tokens."""

    def work() -> dict[str, Any]:
        opened: OpenCard = card_files.opened(file)
        said = [spoken(line, opened.card) for line in text or ()]
        last = next((one.text for one in reversed(said) if one.role == "user"), "")
        replies = sum(one.role == "assistant" for one in said) + 1  # and its greeting
        ways = Options(_ways(rules), context, greeting=greeting, replies=replies)
        told = preview(opened.card, Scene(opened.card, user, seed=seed, last=last), ways, said).as_dict()
        if not as_json:
            for part in told["prompt"]:
                card_files.tell(
                    plain(f"── {part['label']} ({part['role']}, {part['tokens']} tokens)\n{part['text']}\n")
                )
            card_files.tell(f"{told['tokens']} of {context} tokens.")
        return told

    card_files.one(file, work, as_json=as_json)


def _ways(name: str) -> Rules | None:
    if name not in {"", "spec", "sillytavern"}:
        raise typer.BadParameter("use spec or sillytavern", param_hint="--rules")
    return "spec" if name == "spec" else "sillytavern" if name else None

"""`card translate`: a card in another language in the same kind of file; the forge's translation under a shorter name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cards import opening
from ainfluencer.cards.converting import converter
from ainfluencer.cards.reading.values import Container
from ainfluencer.cli.groups import card_files, card_forge
from ainfluencer.cli.groups.card_files import AsJson
from ainfluencer.cli.groups.card_forge import KeepWord, Keys, Notes
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import note
from ainfluencer.core.errors import InvalidInput

_WRITTEN = {"", ".jpeg", ".jpg", *converter.SUFFIXES}


def translate(  # noqa: PLR0913, PLR0917 - the options of the forge that a translation has
    source: Annotated[str, typer.Argument(metavar="IN", help="Card file, - for standard input, or the id of a card of the library.")],
    out: Annotated[str, typer.Argument(metavar="OUT", help="File to write, or - for standard output. Not needed with --keep.")] = "",
    to: Annotated[str, typer.Option(help="Language, by code or name: de, German, pt-BR.")] = "",
    keys: Keys = "keep",
    keep_word: KeepWord = None,
    notes: Notes = False,
    instruction: Annotated[str, typer.Option(help="What else to look out for, such as “address the reader formally”.")] = "",
    config: Annotated[str, typer.Option(help="Config profile: who translates.")] = "basic",
    prompt: Annotated[str, typer.Option(help="Prompt profile: what is asked.")] = "default",
    maker: Annotated[str, typer.Option(help="Maker instead of the profile's.")] = "",
    model: Annotated[str, typer.Option(help="Model instead of the profile's.")] = "",
    timeout: Annotated[int | None, typer.Option(min=1, max=86_400, help="Seconds for the whole job.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Put the translated card into the library.")] = False,
    go_on: Annotated[str, typer.Option(metavar="JOB", help="Go on with a translation that was stopped or failed.")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Translate a card. Macros, names, code and lore keys stay, and so does everything else of the file."""
    if not to and not go_on:
        raise typer.BadParameter("say into which language, such as --to de", param_hint="--to")
    if not out and not keep:
        raise typer.BadParameter("name a file to write, or say --keep", param_hint="OUT")
    outputs = card_files.Outputs(out, dry_run=False)
    name = outputs.name_for(source) if out else ""
    path = Path(name) if name and name != "-" else None
    card_forge.check_free(path, force=force)
    if path and path.suffix.lower() not in _WRITTEN:
        raise InvalidInput(
            f"A card cannot be written as {path.suffix}.", "End the name with .json, .png, .charx or .yaml."
        )
    options: dict[str, Any] = {
        "translate_to": to, "keys": keys, "keep_words": keep_word or [], "translate_notes": notes, "instruction": instruction,
        "config_profile": config, "prompt_profile": prompt, "maker": maker, "model": model, "timeout_seconds": timeout,
    }  # fmt: skip
    files = card_forge.input_card(source, options)
    with connect() as instance:
        retried = instance.call("POST", f"/jobs/{go_on}/retry")["job"] if go_on else None
        job_id = (retried or card_forge.begin(instance, options, files))["id"]
        result = card_forge.watch(instance, job_id)
        if "translation" not in result:
            raise InvalidInput("That job is no translation.", f"Use: ainfluencer card forge --go-on {job_id}")
        if out:
            outputs.write(name, _file(instance, job_id, name))
        kept = instance.call("POST", f"/generation/{job_id}/card") if keep else None
    if out != "-":
        card_forge.show(result, job_id, path, kept, as_json=as_json)


def _file(instance: Instance, job_id: str, out: str) -> bytes:
    """The translated card as it came, or in the kind of file that the name asks for."""
    data = instance.fetch(f"/jobs/{job_id}/download/card")
    wanted = converter.SUFFIXES.get(Path(out).suffix.lower(), "")
    opened = opening.open_card(data)
    is_other = Path(out).suffix.lower() in {".jpeg", ".jpg"} and opened.payload.container is not Container.JPEG_CHARX
    if is_other:
        raise InvalidInput("This card does not lie in a JPEG archive.", f"End the name with .png, and go on: --go-on {job_id}")  # fmt: skip
    if not wanted or opened.payload.container in converter.SAME[wanted]:
        return data
    made = converter.convert(opened, converter.Target(wanted), allow_loss=True)
    for loss in made.losses:
        note(loss.detail, mark="!")
    return made.data

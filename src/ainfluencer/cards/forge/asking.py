"""Asking a text model for JSON of a given shape: tried again with the fault in words, and again when it cannot be reached."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ainfluencer.cards.forge.profile_shapes import ConfigProfile
from ainfluencer.cards.forge.steps import Spent
from ainfluencer.cards.storing import storable
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import OutsideError, RateLimited, UnexpectedReply, Unreachable
from ainfluencer.integrations.values import Picture, TextRequest
from ainfluencer.makers import service as makers

Shape = TypeVar("Shape", bound=BaseModel)
WAIT_SECONDS = (1.0, 4.0, 15.0, 60.0)  # before the next tries; the last one repeats
LONGEST_WAIT = (
    60.0  # what a service wants beyond it is waited for in the queue, where the job keeps nobody else waiting
)


@dataclass(frozen=True, slots=True)
class Writer:
    """The maker of a job and how it is asked. `writes`: it can write freely; else it only adds a sentence to what rules made."""

    actor: Actor
    slug: str
    title: str
    model: str
    config: ConfigProfile
    writes: bool

    async def ask(
        self, prompt: str, shape: type[Shape], spent: Spent, *, most: int = 0, pictures: tuple[Picture, ...] = ()
    ) -> Shape:
        """The model's answer as that shape; `pictures` are shown beside the prompt.

        Raises `UnexpectedReply` after all tries, or the maker's own error. A `RateLimited` of a minute and more is raised
        at once: the engine puts the job back until then, and kept steps are taken up.
        """
        limit = min(most, self.config.max_tokens) if most else self.config.max_tokens
        request = TextRequest(
            ({"role": "user", "content": prompt},),
            model=self.model,
            max_tokens=limit,
            temperature=self.config.temperature,
            top_p=self.config.top_p,
            seed=self.config.seed,
            schema=shape.model_json_schema(),
            pictures=pictures,
        )
        problem = ""
        for number in range(self.config.retries + 1):
            is_last = number == self.config.retries
            try:
                text = await self._once(request, spent)
            except (Unreachable, RateLimited, UnexpectedReply) as error:
                if is_last or (wait := _wait(error, number)) > LONGEST_WAIT:
                    raise
                await asyncio.sleep(wait)
                continue
            try:
                return shape.model_validate(object_in(text, shape.model_fields))
            except ValidationError as e:
                first = e.errors()[0]
                problem = f"{'.'.join(str(p) for p in first['loc']) or 'the answer'}: {first['msg']}"
            except ValueError as e:
                problem = f"it holds no JSON object that can be used ({e})"
            if is_last:
                break
            request = replace(request, messages=(*request.messages[:1], *_again(text, problem)))
        raise UnexpectedReply(
            self.slug,
            f"{self.title} answered with something that cannot be used, in {self.config.retries + 1} tries: {problem}.",
            "Choose a larger model, allow longer answers in the config profile, or use the profile “offline”.",
        )

    async def _once(self, request: TextRequest, spent: Spent) -> str:
        made = await makers.make(self.actor, request, slug=self.slug)
        spent.maker = made.slug
        spent.prompt_tokens += made.text.prompt_tokens
        spent.completion_tokens += made.text.completion_tokens
        return made.text.texts[0] if made.text.texts else ""

    async def sentence(self, opening: str, about: str, spent: Spent) -> list[str]:
        """A few short sentences of a small model that begin with `opening`, bound by a grammar; none when it is not there."""
        fixed = opening.replace("\\", "\\\\").replace('"', '\\"')
        request = TextRequest(
            (
                {
                    "role": "system",
                    "content": "You write one short, plain sentence in the third person about what somebody does. No big words.",
                },
                {"role": "user", "content": "A baker. Begin with: The baker"},
                {"role": "assistant", "content": "The baker wipes the flour from the table and puts the kettle on."},
                {"role": "user", "content": f"{about[:300]} Begin with: {opening.strip()}"},
            ),
            model=self.model,
            max_tokens=45,
            temperature=self.config.temperature,
            seed=self.config.seed,
            candidates=4,
            grammar=f'root ::= "{fixed}" ("sees" | "points at" | "nods at" | "waves at") " the " [a-z] [a-z ]{{6,40}} "."',
        )
        try:
            made = await makers.make(self.actor, request, slug=self.slug)
        except OutsideError:
            return []
        spent.maker = made.slug
        spent.prompt_tokens += made.text.prompt_tokens
        spent.completion_tokens += made.text.completion_tokens
        return list(made.text.texts)


def _wait(error: OutsideError, number: int) -> float:
    """Seconds before the next try: longer each time, and never before the instant that the service names."""
    wait = WAIT_SECONDS[min(number, len(WAIT_SECONDS) - 1)]
    until = error.until if isinstance(error, RateLimited) else None
    return max(wait, (until - clock.now()).total_seconds()) if until else wait


def object_in(text: str, known: Iterable[str] = ()) -> object:
    """The JSON object in an answer, also inside a code fence, between words, or after some thinking out loud.

    `ValueError` without one, or for one that has other fields than the `known` ones only.
    """
    text = text.rpartition("</think>")[2]
    begin = re.search(r"\{\s*[\"}]", text)  # a macro such as {{char}} begins otherwise
    if begin is None:
        msg = "no { in it"
        raise ValueError(msg)
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text, begin.start())
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None
    if found and known and not set(known) & set(found):
        msg = f"none of its fields is one of {', '.join(known)}"
        raise ValueError(msg)
    return storable(found)


def _again(text: str, problem: str) -> tuple[Mapping[str, str], ...]:
    return (
        {"role": "assistant", "content": text[:4000]},
        {
            "role": "user",
            "content": f"That could not be used: {problem}. Answer again with one JSON object that matches the schema.",
        },
    )

"""Asking a text model for JSON of a given shape: tried again with the fault in words, and again when it cannot be reached."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ainfluencer.cards.forge.profile_shapes import ConfigProfile
from ainfluencer.cards.forge.steps import Spent
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import OutsideError, RateLimited, UnexpectedReply, Unreachable
from ainfluencer.integrations.values import Picture, TextRequest
from ainfluencer.makers import service as makers

Shape = TypeVar("Shape", bound=BaseModel)
WAIT_SECONDS = (1.0, 4.0, 15.0, 60.0)


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
        """The model's answer as that shape; `pictures` are shown beside the prompt. Raises `UnexpectedReply` after all tries, or the maker's own error."""
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
            text = await self._once(request, spent, number)
            try:
                return shape.model_validate(object_in(text))
            except ValidationError as e:
                first = e.errors()[0]
                problem = f"{'.'.join(str(p) for p in first['loc']) or 'the answer'}: {first['msg']}"
            except ValueError as e:
                problem = f"it holds no JSON object ({e})"
            request = replace(request, messages=(*request.messages[:1], *_again(text, problem)))
        raise UnexpectedReply(
            self.slug,
            f"{self.title} answered {self.config.retries + 1} times with something that cannot be used: {problem}.",
            "Choose a larger model, or the config profile “offline”.",
        )

    async def _once(self, request: TextRequest, spent: Spent, number: int) -> str:
        for wait in (*WAIT_SECONDS[: self.config.retries], None):
            try:
                made = await makers.make(self.actor, request, slug=self.slug)
            except (Unreachable, RateLimited):
                if wait is None or number:
                    raise
                await asyncio.sleep(wait)
            else:
                spent.maker = made.slug
                spent.prompt_tokens += made.text.prompt_tokens
                spent.completion_tokens += made.text.completion_tokens
                return made.text.texts[0] if made.text.texts else ""
        msg = "the last round raises or returns"
        raise AssertionError(msg)

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


def object_in(text: str) -> object:
    """The JSON object in an answer, also inside a code fence or after some thinking out loud. `ValueError` without one."""
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        msg = "no { in it"
        raise ValueError(msg)
    found: object = json.loads(text[start : end + 1], strict=False)
    return found


def _again(text: str, problem: str) -> tuple[Mapping[str, str], ...]:
    return (
        {"role": "assistant", "content": text[:4000]},
        {
            "role": "user",
            "content": f"That could not be used: {problem}. Answer again with one JSON object that matches the schema.",
        },
    )

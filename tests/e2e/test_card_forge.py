"""`card forge` and `card translate` as people run them: with Ctrl-C in the middle, and from file to file."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ainfluencer.cards.opening import open_card
from tests.e2e.test_spine import api, run, up, wait_for
from tests.support.cards import pngs
from tests.support.platforms.server import Answer, Asked
from tests.support.text_servers import TextServer
from tests.unit.cards.forge_support import STORY
from tests.unit.cards.test_forge_translating import V2, answer
from tests.unit.cards.test_forge_writing import FIELDS, script

Server = TypeVar("Server", bound=TextServer)
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there"),
]


class Holding(TextServer):
    """Keeps the answer to its second request back for as long as it is told to."""

    is_holding = True

    def _answer(self, asked: Asked) -> Answer:
        made = super()._answer(asked)
        return replace(made, seconds=90) if self.is_holding and len(self.bodies) == 2 else made


@contextmanager
def serving(made: Server) -> Iterator[Server]:
    """A model on a socket of its own, beside the processes that are tested."""
    started, ends = threading.Event(), threading.Event()

    async def serve() -> None:
        async with made:
            started.set()
            while not ends.is_set():  # noqa: ASYNC110 - the event belongs to another thread
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    yield made
    ends.set()
    thread.join(10)


def prompts(server: Holding) -> list[str]:
    return [body["messages"][0]["content"] for body in server.bodies]


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    data, source, out = tmp_path / "data", tmp_path / "anna.md", tmp_path / "anna.json"
    source.write_text(STORY, "utf-8")
    with serving(Holding(script)) as server, up(data) as (url, _), api(data, url) as client:
        assert client.put("/makers/openai_text", json={"settings": {"base_url": f"{server.url}/v1"}}).is_success
        words = ("card", "forge", str(source), "--name", "Anna Reed", "--chunk-tokens", "300", "--out", str(out))
        command = subprocess.Popen(
            [sys.executable, "-m", "ainfluencer", "--data", str(data), *words], stderr=subprocess.PIPE, text=True
        )
        wait_for(lambda: len(server.bodies) == 2, 60)  # the first part is kept, the second is being asked for
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
        assert command.returncode == 130, said
        (job_id,) = re.findall(r"card forge --go-on (\w+)", said)
        assert "Cancelled" in said
        assert not out.exists()
        assert client.get(f"/jobs/{job_id}").json()["job"]["state"] == "cancelled"

        server.is_holding = False
        first, second = prompts(server)
        done = run(data, "card", "forge", "--go-on", job_id, "--out", str(out), "--json")
        result: dict[str, Any] = json.loads(done.stdout)["result"]
    assert json.loads(out.read_text("utf-8"))["data"]["first_mes"] == FIELDS["first_mes"]
    assert result["metadata"]["steps_taken_up"] == 2  # what rules gathered, and the first part
    assert (prompts(server).count(first), prompts(server).count(second)) == (1, 2)


def test_a_card_is_translated_into_a_file_of_its_kind(tmp_path: Path) -> None:
    data, card, out = tmp_path / "data", tmp_path / "anna.png", tmp_path / "anna.de.png"
    card.write_bytes(pngs.png(pngs.text("Title", b"mine"), pngs.text("chara", pngs.b64(V2))))
    with serving(TextServer(answer)) as server, up(data) as (url, _), api(data, url) as client:
        refused = run(data, "card", "translate", str(card), str(out), "--to", "de", expect=1)
        assert "135 million parameters" in refused.stderr
        assert client.put("/makers/openai_text", json={"settings": {"base_url": f"{server.url}/v1"}}).is_success
        done = run(data, "card", "translate", str(card), str(out), "--to", "German", "--keep", "--json")
        archive = run(data, "card", "translate", str(card), str(out.with_suffix(".charx")), "--to", "de")
        again = run(data, "card", "translate", str(card), str(out), "--to", "de", expect=1)
        kept = client.get("/cards").json()["items"]
    told = json.loads(done.stdout)
    made = open_card(out.read_bytes())
    assert (made.card.spec, made.card.first_mes) == ("v2", told["result"]["first_mes"])
    assert made.card.first_mes == '*{{char}} snepo und wodniw.* "und und und?"'
    assert b"mine" in out.read_bytes()
    assert [one["id"] for one in kept] == [told["kept"]["card_id"]]
    assert open_card(out.with_suffix(".charx").read_bytes()).card.first_mes == made.card.first_mes
    assert "in German" in archive.stderr
    assert "is there already" in again.stderr

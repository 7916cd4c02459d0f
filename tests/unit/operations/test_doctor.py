"""The doctor: what it finds on this machine and what it advises."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace

from ainfluencer.core.config import Settings
from ainfluencer.operations import doctor


def found(config: Settings, *, serving: bool = False) -> dict[str, doctor.Check]:
    return {check.id: check for check in doctor.examine(config, serving=serving)}


def test_a_fresh_folder_misses_only_its_models(settings: Settings) -> None:
    checks = found(settings)
    assert checks["folder"].state == "ok"
    assert checks["database"].detail.startswith("SQLite")
    assert checks["packs"].state == "warning"
    assert "models install" in checks["packs"].next_step
    assert not list(settings.data.glob(".doctor"))


def test_a_taken_port_is_noticed_but_not_by_its_owner(settings: Settings) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = replace(settings, port=taken.getsockname()[1])
        assert found(config)["port"].state == "warning"
        assert found(config, serving=True)["port"].state == "ok"


def test_an_open_address_wants_https(settings: Settings) -> None:
    config = replace(settings, host="0.0.0.0")
    assert found(config)["address"].state == "warning"
    assert found(replace(config, secure_cookies=True))["address"].state == "ok"


def test_a_folder_that_is_a_file_is_a_problem(settings: Settings) -> None:
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    settings.data.write_text("in the way", "utf-8")
    assert found(settings)["folder"].state == "problem"


def test_a_database_that_does_not_answer_is_a_problem(settings: Settings) -> None:
    checks = found(replace(settings, database_url="postgresql://nobody@127.0.0.1:9/none"))
    assert checks["database"].state == "problem"
    assert "AINFLUENCER_DATABASE_URL" in checks["database"].next_step

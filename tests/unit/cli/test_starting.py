"""What keeps an instance from starting is said before anything is begun, with the way out."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from ainfluencer import main
from ainfluencer.core import log
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.db.session import database_url


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_a_number_that_is_no_port(settings: Settings, port: int) -> None:
    with pytest.raises(InvalidInput, match="not a port") as refused:
        main.refuse_taken_port(replace(settings, port=port))
    assert refused.value.field == "port"


def test_a_host_that_is_not_of_this_computer(settings: Settings) -> None:
    with pytest.raises(ProductError) as refused:
        main.refuse_taken_port(replace(settings, host="nowhere.invalid"))
    assert "nowhere.invalid" in refused.value.detail
    assert "--host" in refused.value.next_step


def test_a_file_in_place_of_the_data_folder(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InvalidInput, match="cannot be made"):
        main.make_folder(replace(settings, data=file))


@pytest.mark.parametrize("url", ["mysql://ada@db/studio", "sqlite:///x.db", "nonsense"])
def test_a_database_of_another_kind(settings: Settings, url: str) -> None:
    with pytest.raises(InvalidInput, match="only PostgreSQL"):
        database_url(replace(settings, database_url=url))


def test_a_log_that_cannot_be_written_is_not_printed_instead(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    before = list(logging.getLogger().handlers)
    try:
        log.start_run(replace(settings, data=file), "test")
        logging.getLogger("engine").error("the disk is gone")
    finally:
        logging.getLogger().handlers[:] = before
    assert capsys.readouterr().err == ""

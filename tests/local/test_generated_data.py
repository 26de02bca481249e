"""The sources' data is generated whole at the first start, also after a start that was killed."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from local import processes, servers
from local.cloud import Cloud
from local.home import Home
from local.ports import Ports


@pytest.fixture
def fresh(tmp_path: Path) -> Cloud:
    return Cloud(Home(tmp_path / "laptop"), Ports())


class Generator:
    """Stands in for `python -m local.data`, which takes seconds.

    Attributes:
        runs: How often it has run.
        ending: The exit code of a run, or what ends it after its first file.
    """

    def __init__(self) -> None:
        self.runs = 0
        self.ending: int | BaseException = 0

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.runs += 1
        folder = Path(command[command.index("--output") + 1])
        (folder / "data.json").write_text("{}")
        if isinstance(self.ending, BaseException):
            raise self.ending
        (folder / "rows.json").write_text("[]")
        return subprocess.CompletedProcess(command, self.ending, "", "no room")


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Generator:
    made = Generator()
    monkeypatch.setattr("local.servers.subprocess.run", made)
    return made


def files(fresh: Cloud) -> list[str]:
    """The files beside the data folder, with those in it."""
    home = fresh.home.data.parent
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


WHOLE = ["data/data.json", "data/rows.json"]


def test_it_is_generated_once(fresh: Cloud, generator: Generator) -> None:
    servers.ensure_data(fresh)
    servers.ensure_data(fresh)
    assert (files(fresh), generator.runs) == (WHOLE, 1)


def test_a_start_that_is_killed_meanwhile_leaves_no_half_of_it_to_the_next_one(
    fresh: Cloud, generator: Generator
) -> None:
    generator.ending = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        servers.ensure_data(fresh)
    assert not fresh.home.data.exists()

    generator.ending = 0
    servers.ensure_data(fresh)
    assert files(fresh) == WHOLE


def test_a_failure_is_explained_and_tried_again(fresh: Cloud, generator: Generator) -> None:
    generator.ending = 1
    with pytest.raises(processes.ServerFailedError, match="no room"):
        servers.ensure_data(fresh)
    generator.ending = 0
    servers.ensure_data(fresh)
    assert files(fresh) == WHOLE

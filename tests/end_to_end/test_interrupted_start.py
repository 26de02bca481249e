"""A start that is killed leaves no server, and the next one works."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.scheduled import until


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    made = Laptop(tmp_path / "laptop")
    yield made
    processes.stop(processes.load(made.home.processes)[0])


def test_a_killed_start_leaves_nothing_and_the_next_one_works(laptop: Laptop) -> None:
    first = laptop.begin("cloud")
    until(lambda: "snowflake" in recorded(laptop), "the first server is recorded")

    second = laptop.make("cloud")
    assert second.returncode == 2
    assert second.stdout.startswith("The laptop is already starting in another terminal")

    first.kill()
    first.communicate()
    until(lambda: not laptop.processes(), "the killed start's servers have ended")
    stopped = laptop.make("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Not running.\n")

    again = laptop.make("cloud")
    assert again.returncode == 0, again.stdout
    assert laptop.make("cloud").stdout == "Already running.\n"
    assert laptop.make("stop").stdout == "Stopped 5 servers.\n"
    assert laptop.processes() == []


def recorded(laptop: Laptop) -> set[str]:
    """The names of the servers that a command has recorded."""
    return {process.name for process in processes.load(laptop.home.processes)[0]}

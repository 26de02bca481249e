"""`make run`, as a newcomer types it: through Airflow's own scheduler, API and processes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from include.publishing.names import source_file
from include.sources import SOURCES
from local import processes
from local.faults import clear_faults, set_fault
from tests.end_to_end.counting import count
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.publication_story import a_person_decides, decide
from tests.end_to_end.scheduled import clear, ended, until, waiting

DAGS = {*SOURCES, "publish_metrics"}


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    made = Laptop(tmp_path / "laptop")
    yield made
    processes.stop(processes.recall(made.home.processes)[0])


def test_broken_sources_fail_the_run_by_name_and_mended_ones_publish_everything(
    laptop: Laptop,
) -> None:
    set_fault(laptop.home.faults, "pasadena", "error-200")
    set_fault(laptop.home.faults, "page_feedback", "stuck")

    broken = laptop.make("run")

    assert broken.returncode == 1, broken.stdout
    assert "Failed: pasadena.load" in broken.stdout
    assert "The service said" in broken.stdout
    assert "Failed: page_feedback.wait_for_sync" in broken.stdout, "a stuck sync is given up"
    assert {"pasadena", "page_feedback"} <= told_of(laptop)
    assert httpx.get(laptop.cloud.blob_url(source_file("pasadena"))).is_client_error
    assert laptop.published()["cleanup_phase1_complete"] > 0, (
        "the others are published all the same"
    )

    clear_faults(laptop.home.faults)
    mended = laptop.make("run")

    assert mended.returncode == 0, mended.stdout
    # Pasadena's own counts take the place of those that staff kept by hand: that is odd.
    for question in waiting(laptop.api):
        assert question.link in mended.stdout
        decide(laptop, question, "Publish", "Pasadena's own counts, compared with its site")
    metrics = laptop.published()
    counted = count(laptop.home.data)
    assert {name: metrics[name] for name in counted} == counted
    assert "people_helped_drc" in mended.stdout
    for address in (laptop.cloud.url("airflow"), laptop.cloud.published_url):
        assert address in mended.stdout
    assert last_states(laptop) == dict.fromkeys(DAGS, "success")
    a_task_cleared_in_a_skipped_run_runs(laptop)
    pause_the_sources(laptop)
    the_watch_tells_once_of_what_is_paused(laptop)
    a_person_decides(laptop)

    stopped = laptop.make("stop")

    assert stopped.returncode == 0, stopped.stdout
    assert laptop.processes() == []


def a_task_cleared_in_a_skipped_run_runs(laptop: Laptop) -> None:
    """EPA was not edited between the two commands: its second run has nothing to do."""
    api = laptop.api
    # A scheduled run may have come meanwhile; it skips for the same reason.
    until(lambda: api.last_run("epa").is_finished, "the last run of epa has ended")
    run = api.last_run("epa")
    states = {task.id: task.state for task in api.tasks(run)}
    assert states.pop("look_for_edits") == "success"
    assert set(states.values()) == {"skipped"}

    began = datetime.now(UTC)
    clear(api, run, "load")

    states = {task.id: task.state for task in ended(api, run)}
    assert set(states.values()) == {"success"}
    until(lambda: published_since(laptop, began), "what EPA released is published")


def pause_the_sources(laptop: Laptop) -> None:
    """Have no scheduled run, which would load true values, come between the story's steps."""
    for source in SOURCES:
        laptop.api.pause(source)
    until(lambda: not running(laptop), "the runs of the sources have ended")


def the_watch_tells_once_of_what_is_paused(laptop: Laptop) -> None:
    """Its run of every quarter of an hour may have come first; nothing is told twice."""
    ended(laptop.api, laptop.api.trigger("watch_publication"))
    again = ended(laptop.api, laptop.api.trigger("watch_publication"))

    told = [text for text in laptop.told() if "malibu is paused" in text]
    assert len(told) == 1
    assert {task.state for task in again} == {"success"}


def running(laptop: Laptop) -> list[str]:
    """The DAGs of the public metrics that have a run that has not ended."""
    return [dag for dag in DAGS if not laptop.api.last_run(dag).is_finished]


def published_since(laptop: Laptop, moment: datetime) -> bool:
    """Whether a publication that was queued since then has ended, and none still runs."""
    runs = laptop.api.runs_since("publish_metrics", moment)
    return bool(runs) and all(run.is_finished for run in runs)


def told_of(laptop: Laptop) -> set[str]:
    """The DAGs of whose failure Slack was told."""
    return {text.split("*")[1] for text in laptop.told() if ":red_circle:" in text}


def last_states(laptop: Laptop) -> dict[str, str]:
    """The state of each DAG's last run."""
    return {dag: laptop.api.last_run(dag).state for dag in DAGS}

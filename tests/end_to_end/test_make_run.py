"""`make run`, as a newcomer types it: through Airflow's own scheduler, API and processes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from include.incidents.incident_log import INCIDENT_LOG
from include.publishing.names import source_file
from include.sources import SOURCES
from include.warehouse import stage
from local import processes, provision, servers
from local.faults import clear_faults, set_fault
from tests.counting import count
from tests.end_to_end.browser import Person, a_person
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.one_writer import others_are_answered_while_an_action_waits_to_write
from tests.end_to_end.publication_story import a_person_decides, decide
from tests.end_to_end.scheduled import ended, goes_well, until, waiting
from tests.end_to_end.telemetry import (
    dbt_takes_up_the_project_that_was_parsed_for_its_dag,
    each_kind_of_task_ends_with_a_line_of_fields,
    metrics_go_to,
    metrics_of_the_scheduler_its_tasks_and_ours_came,
)
from tests.local.telemetry.serving import collecting

DAGS = {*SOURCES, "publish_metrics"}


@pytest.fixture
def collector() -> Iterator[httpx.Client]:
    """Where the laptop's metrics go."""
    with collecting() as client:
        yield client


@pytest.fixture
def laptop(tmp_path: Path, collector: httpx.Client) -> Iterator[Laptop]:
    made = Laptop(tmp_path / "laptop", metrics_go_to(collector))
    yield made
    processes.stop(processes.load(made.home.processes)[0])


def test_broken_sources_fail_the_run_by_name_and_mended_ones_publish_everything(
    laptop: Laptop, collector: httpx.Client
) -> None:
    servers.ensure_data(laptop.cloud)
    permits = laptop.home.data / "arcgis" / "pasadena" / "features.json"
    whole = permits.read_bytes()
    permits.write_bytes(without_a_permit_number(whole))
    set_fault(laptop.home.faults, "usace", "error-200")
    set_fault(laptop.home.faults, "page_feedback", "stuck")

    broken = laptop.make("run")

    assert broken.returncode == 1, broken.stdout
    assert "Failed: pasadena.transform.stg_pasadena__permits_model_build" in broken.stdout
    assert "Failed: usace.load" in broken.stdout
    assert "The service said" in broken.stdout
    assert "Failed: page_feedback.wait_for_sync" in broken.stdout, "a stuck sync is given up"
    assert {"pasadena", "usace", "page_feedback"} <= told_of(laptop)
    assert httpx.get(laptop.cloud.blob_url(source_file("pasadena"))).is_client_error
    assert laptop.published()["cleanup_phase1_complete"] > 0, (
        "the others are published all the same"
    )

    clear_faults(laptop.home.faults)
    permits.write_bytes(whole)
    with a_person(laptop.api, laptop.cloud.url("airflow")) as person:
        what_failed_is_cleared_in_the_browser(laptop, person)
    mended = laptop.make("run")

    assert mended.returncode == 0, mended.stdout
    # Computed counts take the place of those that staff kept by hand: that is odd.
    for question in waiting(laptop.api):
        assert question.link in mended.stdout
        decide(laptop, question, "Publish", "The sources' own counts, compared with their sites")
    the_messages_say_what_broke_and_that_it_works_again(laptop)
    metrics = laptop.published()
    counted = count(laptop.home.data)
    assert {name: metrics[name] for name in counted} == counted
    assert "people_helped_drc" in mended.stdout
    [unchanged] = [line for line in mended.stdout.splitlines() if "Nothing new in" in line]
    assert "airtable, epa, malibu" in unchanged
    for address in (laptop.cloud.url("airflow"), laptop.cloud.published_url):
        assert address in mended.stdout
    # Scheduled runs, if their minute has come, are like the triggered ones.
    until(lambda: not running(laptop), "no run goes on")
    assert last_states(laptop) == dict.fromkeys(DAGS, "success")
    each_kind_of_task_ends_with_a_line_of_fields(laptop)
    dbt_takes_up_the_project_that_was_parsed_for_its_dag(laptop)
    metrics_of_the_scheduler_its_tasks_and_ours_came(collector)
    with a_person(laptop.api, laptop.cloud.url("airflow")) as person:
        a_whole_run_is_cleared_and_then_its_unload(laptop, person)
    pause_the_sources(laptop)
    the_watch_tells_once_of_what_is_paused(laptop)
    a_person_decides(laptop)
    others_are_answered_while_an_action_waits_to_write(laptop)

    stopped = laptop.make("stop")

    assert stopped.returncode == 0, stopped.stdout
    assert laptop.processes() == []


def without_a_permit_number(layer: bytes) -> bytes:
    """A layer whose second row has lost its key: it loads, and then fails a data test."""
    content = json.loads(layer)
    content["features"][1]["attributes"]["PERMIT_NUMBER"] = None
    return json.dumps(content).encode()


def the_messages_say_what_broke_and_that_it_works_again(laptop: Laptop) -> None:
    told = [message for message in laptop.messages() if "blocks" in message]
    headings = [message["blocks"][0]["text"]["text"].split(" ", 1)[1] for message in told]
    for source, what in {
        "usace": "a load failed",
        "page_feedback": "a Fivetran sync failed",
        "pasadena": "a model or a data test failed",
    }.items():
        # A scheduled run may meet a stuck sync in another state than the triggered one.
        about = [heading for heading in headings if f"· {source}:" in heading]
        assert set(about) == {f"LOW · {source}: {what}", f"Recovered · {source}: {what}"}
        assert len(about) <= (4 if source == "page_feedback" else 2)

    pasadena = told[headings.index("LOW · pasadena: a model or a data test failed")]
    assert "not_null_stg_pasadena__permits_permit_number: 1 row`" in json.dumps(pasadena)
    links = {one["text"]["text"]: one["url"] for one in pasadena["blocks"][-1]["elements"]}
    assert "/tasks/transform.stg_pasadena__permits_model_build" in links["Open the log"]
    assert links["Open the log"].startswith(links["Open the run"])
    assert links["Runbook: what to do"].endswith("docs/runbooks/transform.md#act")
    assert "/issues/new?" in links["Open a GitHub issue"]


def what_failed_is_cleared_in_the_browser(laptop: Laptop, person: Person) -> None:
    """A failed load, a failed sync and a failed data test, each from its own task."""
    api, began = laptop.api, datetime.now(UTC)
    page = person.read("plugin/publication")
    assert page is None or "LOW usace: a load failed" in page
    # Pasadena's data was mended at its source: it has to be loaded again before the failed test.
    failed = {"usace": "load", "page_feedback": "sync", "pasadena": "load"}
    runs = {dag: api.last_run(dag) for dag in failed}
    for dag, task in failed.items():
        person.clear(runs[dag], task)
    for run in runs.values():
        goes_well(api, run)
    until(lambda: published_since(laptop, began), "what was mended is published")
    page = person.read("plugin/sources")
    assert page is None or "12,000 rows" in page


def a_whole_run_is_cleared_and_then_its_unload(laptop: Laptop, person: Person) -> None:
    """EPA was not edited between the two commands: its second run has nothing to do.

    Cleared from its first task it does everything, but the stage is gone; what was released before
    stays until it is back.
    """
    api = laptop.api
    # A scheduled run may have come meanwhile; it skips for the same reason.
    until(lambda: api.last_run("epa").is_finished, "the last run of epa has ended")
    run = api.last_run("epa")
    states = {task.id: task.state for task in api.tasks(run)}
    assert states.pop("look_for_edits") == "success"
    assert set(states.values()) == {"skipped"}
    before = httpx.get(laptop.cloud.blob_url(source_file("epa"))).content
    with provision.connect(laptop.cloud) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP STAGE {stage()}")

    person.clear(run, "look_for_edits")

    states = {task.id: task.state for task in ended(api, run)}
    assert (states.pop("unload"), states.pop("release")) == ("failed", "upstream_failed")
    assert set(states.values()) == {"success"}
    assert httpx.get(laptop.cloud.blob_url(source_file("epa"))).content == before
    assert "*epa* failed in `unload`" in "\n".join(laptop.told())

    provision.provision(laptop.cloud)
    began = datetime.now(UTC)
    person.clear(run, "unload")
    goes_well(api, run)
    assert "*epa* works again" in "\n".join(laptop.told())
    until(lambda: published_since(laptop, began), "what EPA released is published")


def pause_the_sources(laptop: Laptop) -> None:
    """Have no scheduled run, which would load true values, come between the story's steps.

    A paused DAG's run does not go on, so none may be in the midst of one when it is paused.
    """

    def paused() -> bool:
        until(lambda: not running(laptop), "no run goes on")
        for source in SOURCES:
            laptop.api.pause(source)
        if caught := [source for source in running(laptop) if source in SOURCES]:
            for source in caught:
                laptop.api.pause(source, paused=False)
        return not caught

    until(paused, "the sources are paused between their runs")
    until(lambda: not running(laptop), "the last publication has ended")


def the_watch_tells_once_of_what_is_paused(laptop: Laptop) -> None:
    """Its run of every quarter of an hour may have come first; nothing is told twice."""
    ended(laptop.api, laptop.api.trigger("watch_publication"))
    again = ended(laptop.api, laptop.api.trigger("watch_publication"))

    with provision.connect(laptop.cloud) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EVENT, DAG, RESPONDER FROM {INCIDENT_LOG.full_name} ORDER BY HAPPENED_AT"
        )
        logged = [tuple(row) for row in cursor.fetchall()]
    for dag in ("usace", "page_feedback", "pasadena", "epa"):
        events = [event for event, of, who in logged if of == dag and who]
        assert (events[0], events[-1]) == ("opened", "recovered")
    told = [text for text in laptop.told() if "malibu is paused" in text]
    assert len(told) == 1
    assert {task.id: task.state for task in again} == {
        "watch_public_file": "success",
        "watch_dags": "skipped",
        "keep_incident_log": "success",
    }


def running(laptop: Laptop) -> list[str]:
    """The DAGs of the public metrics that have a run that has not ended."""
    return [run.dag for run in laptop.api.unfinished_runs() if run.dag in DAGS]


def published_since(laptop: Laptop, moment: datetime) -> bool:
    """Whether a publication that was queued since then has ended, and none still runs."""
    runs = laptop.api.runs_since("publish_metrics", moment)
    return bool(runs) and all(run.is_finished for run in runs)


def told_of(laptop: Laptop) -> set[str]:
    """The DAGs of whose failure Slack was told."""
    return {text.split("*")[1] for text in laptop.told() if "* failed in " in text}


def last_states(laptop: Laptop) -> dict[str, str]:
    """The state of each DAG's last run."""
    return {dag: laptop.api.last_run(dag).state for dag in DAGS}

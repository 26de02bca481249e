"""`make run` with Airflow's own scheduler, API and processes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from include.incidents.incident_log import INCIDENT_LOG
from include.publishing.names import source_file
from include.sources import COMPUTED, SOURCES
from include.transform_project import metric_definitions
from include.warehouse import stage
from local import processes, provision, servers
from local.airflow_api import Question, Run
from local.faults import clear_faults, set_fault
from local.telemetry.app import create_app
from tests.end_to_end.browser import Person, a_person
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.one_writer import the_api_responds_while_an_action_waits_to_write
from tests.end_to_end.publication import all_logs, decide, publish_suspicious, value
from tests.end_to_end.scheduled import (
    assert_success,
    until,
    wait_for_end,
    wait_until_published,
)
from tests.end_to_end.telemetry import (
    dbt_reuses_the_project_that_was_parsed_for_its_dag,
    each_kind_of_task_ends_with_a_line_of_fields,
    metrics_go_to,
    the_collector_has_metrics_of_airflow_and_the_pipeline,
)
from tests.serving import serving
from tests.small_data import generated_metrics

DAGS = {*SOURCES, "publish_metrics"}


@dataclass
class Ended:
    """A command that has ended, and the questions that were open then."""

    code: int
    output: str
    questions: list[Question]


@pytest.fixture(scope="module")
def collector() -> Iterator[httpx.Client]:
    """The collector of the laptop's metrics."""
    with serving(create_app()) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory, collector: httpx.Client) -> Iterator[Laptop]:
    """One laptop for all tests of this file, in a folder with spaces and without a home."""
    folder = tmp_path_factory.mktemp("my laptop")
    made = Laptop(folder, {**metrics_go_to(collector), "HOME": str(folder / "no home")})
    yield made
    processes.stop(processes.load(made.home.processes)[0])


@pytest.fixture(scope="module")
def broken(laptop: Laptop) -> Ended:
    """`make run` with two sources that fail, and one with a row without its key."""
    servers.ensure_data(laptop.cloud)
    permits = laptop.home.data / "arcgis" / "pasadena" / "features.json"
    whole = permits.read_bytes()
    permits.write_bytes(without_a_permit_number(whole))
    set_fault(laptop.home.faults, "usace", "error-200")
    set_fault(laptop.home.faults, "page_feedback", "stuck")
    ended = make_run(laptop)
    assert httpx.get(laptop.cloud.blob_url(source_file("pasadena"))).is_client_error
    assert laptop.published()["cleanup_phase1_complete"] > 0, "the other sources are published"
    assert {"pasadena", "usace", "page_feedback"} <= reported_dags(laptop)
    clear_faults(laptop.home.faults)
    permits.write_bytes(whole)
    return ended


@pytest.fixture(scope="module")
def fixed(laptop: Laptop, broken: Ended) -> Ended:
    """`make run` after the sources were corrected, and the failed tasks cleared in a browser."""
    with a_person(laptop.api, laptop.cloud.url("airflow")) as person:
        failed_tasks_are_cleared_in_the_browser(laptop, person)
    ended = make_run(laptop)
    for question in ended.questions:
        decide(laptop, question, "Publish", "The sources' own counts, compared with their sites")
    # A scheduled run may have started meanwhile.
    until(lambda: not running(laptop), "no run is active")
    return ended


@pytest.fixture(scope="module")
def quiet(laptop: Laptop, fixed: Ended) -> Laptop:
    """The laptop with paused sources, so that no scheduled run loads values meanwhile."""
    pause_the_sources(laptop)
    return laptop


def make_run(laptop: Laptop) -> Ended:
    done = laptop.make("run")
    return Ended(done.returncode, done.stdout, laptop.api.open_questions())


def test_a_run_with_broken_sources_fails_and_names_each_failed_task(broken: Ended) -> None:
    assert broken.code == 1, broken.output
    assert "Failed: pasadena.transform.stg_pasadena__permits_model_build" in broken.output
    assert "Failed: usace.load" in broken.output
    assert "The service said" in broken.output
    assert "Failed: page_feedback.wait_for_sync" in broken.output, "a stuck sync is given up"


def test_a_run_with_corrected_sources_succeeds_and_shows_every_metric(
    laptop: Laptop, fixed: Ended
) -> None:
    assert fixed.code == 0, fixed.output
    assert "people_helped_drc" in fixed.output
    [unchanged] = [line for line in fixed.output.splitlines() if "unchanged:" in line]
    assert "airtable, epa, malibu" in unchanged
    for address in (laptop.cloud.url("airflow"), laptop.cloud.published_url):
        assert address in fixed.output
    # Computed counts replace those that staff entered manually: that is suspicious.
    for question in fixed.questions:
        assert question.link in fixed.output


def test_every_metric_is_published_with_the_value_that_was_counted(
    laptop: Laptop, fixed: Ended
) -> None:
    metrics, counted = laptop.published(), generated_metrics()
    assert {name: metrics[name] for name in counted} == counted
    assert {one.name for source in COMPUTED for one in metric_definitions()[source]} <= set(metrics)
    assert last_states(laptop) == dict.fromkeys(DAGS, "success")


def test_each_failure_is_a_message_and_the_watch_posts_its_recovery(
    laptop: Laptop, fixed: Ended
) -> None:
    watch(laptop)
    messages = incident_messages(laptop)
    headings = list(map(heading, messages))
    for source, what in {
        "usace": "a load failed",
        "page_feedback": "a Fivetran sync failed",
        "pasadena": "a model or a data test failed",
    }.items():
        # A scheduled run may meet a stuck sync in another state than the triggered one.
        most = 2 if source == "page_feedback" else 1
        opened = [each for each in headings if each == f"LOW · {source}: {what}"]
        assert 1 <= len(opened) <= most
        assert 1 <= len(recoveries(laptop, f"{source}: {what}")) <= most

    pasadena = messages[headings.index("LOW · pasadena: a model or a data test failed")]
    assert "not_null_stg_pasadena__permits_permit_number: 1 row`" in json.dumps(pasadena)
    links = {one["text"]["text"]: one["url"] for one in pasadena["blocks"][-1]["elements"]}
    assert "/tasks/transform.stg_pasadena__permits_model_build" in links["Log"]
    assert links["Runbook"].endswith("docs/runbooks/transform.md#act")
    assert "/issues/new?" in links["Open an issue"]


def test_each_kind_of_task_ends_with_a_line_of_fields(laptop: Laptop, fixed: Ended) -> None:
    each_kind_of_task_ends_with_a_line_of_fields(laptop)


def test_dbt_reuses_the_project_that_was_parsed_for_its_dag(laptop: Laptop, fixed: Ended) -> None:
    dbt_reuses_the_project_that_was_parsed_for_its_dag(laptop)


def test_the_collector_has_metrics_of_airflow_and_the_pipeline(
    collector: httpx.Client, fixed: Ended
) -> None:
    the_collector_has_metrics_of_airflow_and_the_pipeline(collector)


def test_a_skipped_run_that_is_cleared_runs_completely_and_keeps_its_file_if_its_unload_fails(
    laptop: Laptop, fixed: Ended
) -> None:
    with a_person(laptop.api, laptop.cloud.url("airflow")) as person:
        a_whole_run_is_cleared_and_then_its_unload(laptop, person)


def test_a_change_is_held_until_a_person_publishes_it_in_the_ui(quiet: Laptop) -> None:
    before = value(quiet)
    question = publish_suspicious(quiet, before - 5)
    assert value(quiet) == before
    assert f"<{question.link}" in "\n".join(quiet.message_texts())

    states = decide(quiet, question, "Publish", "Five permits were withdrawn, by phone")

    published = dict.fromkeys(("ask", "promote", "verify", "record"), "success")
    assert states == published, all_logs(quiet, question.run)
    assert value(quiet) == before - 5


def test_the_watch_reports_paused_dags_once_and_stays_green(quiet: Laptop) -> None:
    """A scheduled run of the watch may have come first; nothing is reported twice."""
    # The watch closes no incident in the minute after a failure.
    until(lambda: watch(quiet) and recoveries(quiet, "epa: an unload failed"), "epa has recovered")
    again = watch(quiet)

    with provision.connect(quiet.cloud) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EVENT, DAG, RESPONDER FROM {INCIDENT_LOG.full_name} WHERE KIND <> 'dags'"
            " ORDER BY HAPPENED_AT"
        )
        logged = [tuple(row) for row in cursor.fetchall()]
    for dag in ("usace", "page_feedback", "pasadena", "epa"):
        events = [(event, bool(who)) for event, of, who in logged if of == dag]
        assert events[0][0] == "opened"
        assert events[-1] == ("recovered", True)
    reports = [text for text in quiet.message_texts() if "malibu is paused" in text]
    assert len(reports) == 1
    assert again == dict.fromkeys(
        ("watch_public_file", "watch_dags", "watch_credits", "keep_incident_log"), "success"
    )


def test_the_api_responds_while_an_action_waits_to_write(quiet: Laptop) -> None:
    the_api_responds_while_an_action_waits_to_write(quiet)


# The last test of the laptop: nothing runs any more.
def test_make_stop_leaves_no_process(laptop: Laptop, fixed: Ended) -> None:
    stopped = laptop.make("stop")

    assert stopped.returncode == 0, stopped.stdout
    assert laptop.processes() == []


def without_a_permit_number(layer: bytes) -> bytes:
    """A layer whose second row has no key: it loads, and then fails a data test."""
    content = json.loads(layer)
    content["features"][1]["attributes"]["PERMIT_NUMBER"] = None
    return json.dumps(content).encode()


def failed_tasks_are_cleared_in_the_browser(laptop: Laptop, person: Person) -> None:
    """Clear the tasks after which a load, a sync and a data test succeed."""
    api = laptop.api
    page = person.read("plugin/publication")
    assert page is None or "LOW usace: a load failed" in page
    # Pasadena's data was fixed at its source: it has to be loaded again before the failed test.
    failed = {"usace": "load", "page_feedback": "sync", "pasadena": "load"}
    runs = {dag: api.last_run(dag) for dag in failed}
    for dag, task in failed.items():
        person.clear(runs[dag], task)
    for run in runs.values():
        assert_success(api, run)
    wait_until_published(api, runs.values())
    page = person.read("plugin/sources")
    assert page is None or "12,000 rows" in page


def a_whole_run_is_cleared_and_then_its_unload(laptop: Laptop, person: Person) -> None:
    """Clear EPA's skipped run from its first task, with and without the stage.

    EPA was not edited between the two commands, so its second run was skipped. Cleared, it runs
    completely, but without the stage its unload fails and the released file stays.
    """
    api = laptop.api
    # A scheduled run may have started meanwhile; it is skipped for the same reason.
    run = finished_last_run(laptop, "epa")
    states = {task.id: task.state for task in api.tasks(run)}
    assert states.pop("look_for_edits") == "success"
    assert set(states.values()) == {"skipped"}
    before = httpx.get(laptop.cloud.blob_url(source_file("epa"))).content
    with provision.connect(laptop.cloud) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP STAGE {stage()}")

    person.clear(run, "look_for_edits")

    states = {task.id: task.state for task in wait_for_end(api, run)}
    assert (states.pop("unload"), states.pop("release")) == ("failed", "upstream_failed")
    assert set(states.values()) == {"success"}
    assert httpx.get(laptop.cloud.blob_url(source_file("epa"))).content == before
    assert "LOW · epa: an unload failed" in map(heading, incident_messages(laptop))

    provision.provision(laptop.cloud)
    person.clear(run, "unload")
    assert_success(api, run)
    wait_until_published(api, [run])


def pause_the_sources(laptop: Laptop) -> None:
    """Pause the sources, so that no scheduled run loads values between the following steps.

    A paused DAG's run does not continue, so no run may be active when its DAG is paused.
    """

    def paused() -> bool:
        until(lambda: not running(laptop), "no run is active")
        for source in SOURCES:
            laptop.api.pause(source)
        if caught := [source for source in running(laptop) if source in SOURCES]:
            for source in caught:
                laptop.api.pause(source, paused=False)
        return not caught

    until(paused, "the sources are paused between their runs")
    # A run that has just ended may have released what no publication has begun with yet.
    wait_until_published(laptop.api, map(laptop.api.last_run, SOURCES))
    until(lambda: not running(laptop), "the last publication has ended")


def running(laptop: Laptop) -> list[str]:
    """The DAGs of the public metrics with an unfinished run."""
    return [run.dag for run in laptop.api.unfinished_runs() if run.dag in DAGS]


def watch(laptop: Laptop) -> dict[str, str]:
    """Run the watch once more; the states of its tasks."""
    tasks = wait_for_end(laptop.api, laptop.api.trigger("watch_publication"))
    return {task.id: task.state for task in tasks}


def incident_messages(laptop: Laptop) -> list[dict[str, Any]]:
    """The messages about incidents, oldest first."""
    return [message for message in laptop.messages() if "blocks" in message]


def recoveries(laptop: Laptop, of: str) -> list[str]:
    """The texts of the recoveries of a failure, for example of `usace: a load failed`."""
    texts = laptop.message_texts()
    return [text for text in texts if text.startswith(":white_check_mark:") and of in text]


def heading(message: dict[str, Any]) -> str:
    """A message's heading without its symbol, for example `LOW · usace: a load failed`."""
    text: str = message["blocks"][0]["text"]["text"]
    return text.split(" ", 1)[1]


def reported_dags(laptop: Laptop) -> set[str]:
    """The DAGs whose failure was posted to Slack."""
    titles = (heading(message).partition(" · ")[2] for message in incident_messages(laptop))
    return {title.partition(":")[0] for title in titles}


def last_states(laptop: Laptop) -> dict[str, str]:
    """The state of each DAG's last run, at its end: a scheduled one may have started meanwhile."""
    return {dag: finished_last_run(laptop, dag).state for dag in DAGS}


def finished_last_run(laptop: Laptop, dag: str) -> Run:
    """A DAG's newest run, once it has ended."""

    def finished() -> Run | None:
        run = laptop.api.last_run(dag)
        return run if run.is_finished else None

    return until(finished, f"the last run of {dag} has ended")

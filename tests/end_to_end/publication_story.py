"""What people do about odd changes: hold, publish, restore, release, and forget to answer."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from include.publishing.versions import PUBLISHED, saved_versions, version_of
from include.warehouse import metrics_table
from local import provision
from local.airflow import DATABASE
from local.airflow_api import Question, Run
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.scheduled import answer, ended, goes_well, logged, until, waiting

READING = timedelta(seconds=4)
METRIC = "malibu_building_permits_issued"


def a_person_decides(laptop: Laptop) -> None:
    """The story of one metric, as the scheduler, the API and the public file tell it."""
    before = value(laptop)
    an_odd_change_is_held(laptop, before)
    a_waiting_one_is_overtaken(laptop, before)
    an_odd_change_is_published(laptop, before - 5)
    a_version_is_restored_and_held(laptop)
    an_unanswered_question_holds(laptop)


def an_odd_change_is_held(laptop: Laptop, before: float) -> None:
    question = publish_odd(laptop, before - 3)
    assert value(laptop) == before
    assert f"| `{METRIC}` | {before:,.0f} | {before - 3:,.0f} | fell, and should not |" in (
        question.body
    )
    assert f"<{question.link}" in told(laptop)

    states = decide(laptop, question, "Hold", "Malibu's server is wrong, says its e-mail")

    held = {"ask": "success", **dict.fromkeys(("promote", "verify", "record"), "skipped")}
    assert states == held, all_logs(laptop, question.run)
    assert value(laptop) == before
    assert "Malibu's server is wrong" in told(laptop)


def a_waiting_one_is_overtaken(laptop: Laptop, before: float) -> None:
    question = publish_odd(laptop, before - 4)
    publish(laptop, before + 2)
    assert value(laptop) == before + 2, "what is in order does not wait for the answer"

    states = decide(laptop, question, "Publish", "Answered too late")

    assert states["promote"] == "skipped"
    assert value(laptop) == before + 2


def an_odd_change_is_published(laptop: Laptop, now: float) -> None:
    question = publish_odd(laptop, now)

    states = decide(laptop, question, "Publish", "Seven permits were withdrawn, by phone")

    published = dict.fromkeys(("ask", "promote", "verify", "record"), "success")
    assert states == published, all_logs(laptop, question.run)
    assert value(laptop) == now
    version = version_of(laptop.store.need(PUBLISHED))
    assert version.decided_by
    assert version.reason == "Seven permits were withdrawn, by phone"
    assert "fell, and should not" in version.audit


def a_version_is_restored_and_held(laptop: Laptop) -> None:
    wrong = value(laptop)
    target = saved_versions(laptop.store)[0]
    restore = laptop.api.trigger(
        "restore_metrics", version=target.version, reason="The withdrawal was a mistake"
    )
    goes_well(laptop.api, restore)
    restored = value(laptop)
    assert restored == wrong + 7
    assert "restored version" in told(laptop)

    publish(laptop, restored + 1)
    assert value(laptop) == restored, "a restored version is held"

    release = laptop.api.trigger(
        "restore_metrics", action="release the hold", reason="Malibu has mended its list"
    )
    ended(laptop.api, release)
    assert "released the hold" in told(laptop)
    publish(laptop, restored + 1)
    assert value(laptop) == restored + 1


def an_unanswered_question_holds(laptop: Laptop) -> None:
    before = value(laptop)
    question = publish_odd(laptop, before - 1)
    with closing(sqlite3.connect(laptop.home.airflow / DATABASE, timeout=60)) as airflow, airflow:
        airflow.execute(
            "UPDATE task_instance SET trigger_timeout = '2026-01-01 00:00:00'"
            " WHERE run_id = ? AND task_id = 'ask'",
            (question.run.id,),
        )

    states = {task.id: task.state for task in ended(laptop.api, question.run)}

    assert states["promote"] == "skipped"
    assert value(laptop) == before
    assert "Nobody answered" in told(laptop)


def told(laptop: Laptop) -> str:
    """What Slack was told, the newest last."""
    return "\n".join(laptop.told())


def all_logs(laptop: Laptop, run: Run) -> str:
    """What the tasks of a run logged: for a failed assertion's message."""
    return logged(laptop.api, run, laptop.api.tasks(run))


def value(laptop: Laptop) -> float:
    """The metric as it is public."""
    return laptop.published()[METRIC]


def publish(laptop: Laptop, new: float) -> Run:
    """Have the mart hold another value, and publish."""
    # The marts are the laptop's, not those of the tests' own cloud.
    table = metrics_table("malibu_metrics")
    with provision.connect(laptop.cloud) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET METRIC_VALUE = %s, LAST_UPDATED ="
            " LAST_UPDATED + INTERVAL '1 second' WHERE METRIC_NAME = %s",
            (new, METRIC),
        )
    run = laptop.api.trigger("publish_metrics")
    failed = [task.id for task in ended(laptop.api, run) if "failed" in task.state]
    assert failed == [], all_logs(laptop, run)
    return run


def publish_odd(laptop: Laptop, new: float) -> Question:
    """The same, with a value that a person has to look at; the question that it raises."""
    run = publish(laptop, new)
    [question] = until(
        lambda: [one for one in waiting(laptop.api) if one.run.id == f"for_{run.id}"],
        "a person is asked",
    )
    return question


def decide(laptop: Laptop, question: Question, option: str, reason: str) -> dict[str, str]:
    """Answer; the states of the run's tasks when it has ended.

    A person reads the question first. Airflow asks again, and gives up in the end, where the answer
    comes before its scheduler has noticed the question.
    """

    def answered() -> bool:
        for one in waiting(laptop.api):
            was_read = datetime.now(UTC) - one.asked_at > READING
            if one.run.id == question.run.id and was_read:
                answer(laptop.api, one, option, reason)
        return laptop.api.run(question.run).is_finished

    until(answered, "the answer is taken")
    return {task.id: task.state for task in ended(laptop.api, question.run)}

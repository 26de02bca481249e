"""Decisions about suspicious changes: hold, publish, restore, release, and no answer."""

import sqlite3
from contextlib import closing
from datetime import timedelta

from include.publishing.versions import PUBLISHED, saved_versions, version_of
from include.times import utc_now
from include.warehouse import metrics_table
from local import provision
from local.airflow import DATABASE
from local.airflow_api import Question, Run
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.scheduled import answer, assert_success, logged, until, wait_for_end

READING_TIME = timedelta(seconds=4)
METRIC = "malibu_building_permits_issued"


def a_person_decides(laptop: Laptop) -> None:
    """Change one metric; check the runs, the messages and the public file after each decision."""
    before = value(laptop)
    a_suspicious_change_is_held(laptop, before)
    a_waiting_change_is_replaced(laptop, before)
    a_suspicious_change_is_published(laptop, before - 5)
    a_version_is_restored_and_held(laptop)
    an_unanswered_question_holds(laptop)


def a_suspicious_change_is_held(laptop: Laptop, before: float) -> None:
    question = publish_suspicious(laptop, before - 3)
    assert value(laptop) == before
    assert f"| `{METRIC}` | {before:,.0f} | {before - 3:,.0f} | fell, and should not |" in (
        question.body
    )
    assert f"<{question.link}" in messages(laptop)

    states = decide(laptop, question, "Hold", "Malibu's server is wrong, says its e-mail")

    held = {"ask": "success", **dict.fromkeys(("promote", "verify", "record"), "skipped")}
    assert states == held, all_logs(laptop, question.run)
    assert value(laptop) == before
    assert "Malibu's server is wrong" in messages(laptop)


def a_waiting_change_is_replaced(laptop: Laptop, before: float) -> None:
    question = publish_suspicious(laptop, before - 4)
    publish(laptop, before + 2)
    assert value(laptop) == before + 2, "a valid candidate does not wait for the answer"

    states = decide(laptop, question, "Publish", "Answered too late")

    assert states["promote"] == "skipped"
    assert value(laptop) == before + 2


def a_suspicious_change_is_published(laptop: Laptop, now: float) -> None:
    question = publish_suspicious(laptop, now)

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
    assert_success(laptop.api, restore)
    restored = value(laptop)
    assert restored == wrong + 7
    assert "restored version" in messages(laptop)

    publish(laptop, restored + 1)
    assert value(laptop) == restored, "a restored version is held"

    release = laptop.api.trigger(
        "restore_metrics", action="release the hold", reason="Malibu has fixed its list"
    )
    wait_for_end(laptop.api, release)
    assert "released the hold" in messages(laptop)
    publish(laptop, restored + 1)
    assert value(laptop) == restored + 1


def an_unanswered_question_holds(laptop: Laptop) -> None:
    before = value(laptop)
    question = publish_suspicious(laptop, before - 1)
    with closing(sqlite3.connect(laptop.home.airflow / DATABASE, timeout=60)) as airflow, airflow:
        airflow.execute(
            "UPDATE task_instance SET trigger_timeout = '2026-01-01 00:00:00'"
            " WHERE run_id = ? AND task_id = 'ask'",
            (question.run.id,),
        )

    states = {task.id: task.state for task in wait_for_end(laptop.api, question.run)}

    assert states["promote"] == "skipped"
    assert value(laptop) == before
    assert "Nobody answered" in messages(laptop)


def messages(laptop: Laptop) -> str:
    """The texts of all Slack messages."""
    return "\n".join(laptop.message_texts())


def all_logs(laptop: Laptop, run: Run) -> str:
    """The logs of a run's tasks, for the message of a failed assertion."""
    return logged(laptop.api, run, laptop.api.tasks(run))


def value(laptop: Laptop) -> float:
    """The published value of the metric."""
    return laptop.published()[METRIC]


def publish(laptop: Laptop, new: float) -> Run:
    """Write another value into the mart, and publish."""
    # The marts are this laptop's, not those of the tests' shared cloud.
    table = metrics_table("malibu_metrics")
    with provision.connect(laptop.cloud) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET METRIC_VALUE = %s, LAST_UPDATED ="
            " LAST_UPDATED + INTERVAL '1 second' WHERE METRIC_NAME = %s",
            (new, METRIC),
        )
    run = laptop.api.trigger("publish_metrics")
    failed = [task.id for task in wait_for_end(laptop.api, run) if "failed" in task.state]
    assert failed == [], all_logs(laptop, run)
    return run


def publish_suspicious(laptop: Laptop, new: float) -> Question:
    """Publish a value that a person has to approve; return the question."""
    run = publish(laptop, new)
    [question] = until(
        lambda: [one for one in laptop.api.open_questions() if one.run.id == f"for_{run.id}"],
        "a person is asked",
    )
    return question


def decide(laptop: Laptop, question: Question, option: str, reason: str) -> dict[str, str]:
    """Answer a question; return the states of the run's tasks when it has ended.

    A person reads the question first. Airflow loses an answer that comes before its scheduler has
    noticed the question, so the question is answered until the run ends.
    """

    def answered() -> bool:
        for one in laptop.api.open_questions():
            was_read = utc_now() - one.asked_at > READING_TIME
            if one.run.id == question.run.id and was_read:
                answer(laptop.api, one, option, reason)
        return laptop.api.run(question.run).is_finished

    until(answered, "the answer is accepted")
    return {task.id: task.state for task in wait_for_end(laptop.api, question.run)}

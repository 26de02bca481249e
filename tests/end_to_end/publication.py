"""Publications of a metric that a test changes, and the answers of people."""

from datetime import timedelta

from include.times import utc_now
from local.airflow_api import Question, Run
from tests.edited_metric import METRIC, set_value
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.scheduled import logged, until, wait_for_end
from tests.people import People

READING_TIME = timedelta(seconds=4)


def all_logs(laptop: Laptop, run: Run) -> str:
    """The logs of a run's tasks, for the message of a failed assertion."""
    return logged(laptop.api, run, laptop.api.tasks(run))


def value(laptop: Laptop) -> float:
    """The published value of the metric."""
    return laptop.published()[METRIC]


def publish_suspicious(laptop: Laptop, new: float) -> Question:
    """Write a value that a person has to approve into the mart, and publish; the question."""
    set_value(laptop.cloud, new)
    run = laptop.api.trigger("publish_metrics")
    failed = [task.id for task in wait_for_end(laptop.api, run) if "failed" in task.state]
    assert failed == [], all_logs(laptop, run)
    [question] = until(lambda: People(laptop.api).questions(run), "a person is asked")
    return question


def decide(laptop: Laptop, question: Question, option: str, reason: str) -> dict[str, str]:
    """Answer a question; return the states of the run's tasks when it has ended.

    A person reads the question first. Airflow loses an answer that comes before its scheduler has
    noticed the question, so the question is answered until the run ends.
    """
    people = People(laptop.api)

    def answered() -> bool:
        for one in people.questions(question.run):
            if utc_now() - one.asked_at > READING_TIME:
                people.answer(one, option, reason)
        return laptop.api.run(question.run).is_finished

    until(answered, "the answer is accepted")
    return {task.id: task.state for task in wait_for_end(laptop.api, question.run)}

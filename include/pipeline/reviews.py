"""Whether a person is still asked: the run that asked may have been killed, marked or deleted."""

from typing import Protocol

from include.publishing.reviews import Review

APPROVAL_DAG = "approve_change"


class RunCounts(Protocol):
    """What a running task can ask Airflow about runs."""

    def get_dr_count(
        self, dag_id: str, *, run_ids: list[str] | None = None, states: list[str] | None = None
    ) -> int:
        """The number of a DAG's runs with one of these ids and states."""


def is_asking(runs: RunCounts, review: Review | None) -> bool:
    """True if the run that asked for a review waits for its answer.

    Args:
        runs: The running task instance.
        review: The last review; `None` if nobody was ever asked.
    """
    if review is None or review.answered_at:
        return False
    states = ["queued", "running"]
    return bool(runs.get_dr_count(APPROVAL_DAG, run_ids=[review.run], states=states))

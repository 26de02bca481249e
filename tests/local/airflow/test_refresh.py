"""The end of a refresh: every release is public, whichever publication made it so."""

from datetime import UTC, datetime, timedelta

from local.airflow_api import Run
from local.refresh import is_published

RELEASED = datetime(2026, 11, 27, 12, 45, tzinfo=UTC)
BEFORE, AFTER = RELEASED - timedelta(seconds=30), RELEASED + timedelta(seconds=2)


def publication(began: datetime | None, state: str) -> Run:
    return Run("publish_metrics", f"run of {began}", state, began)


def test_a_publication_that_began_after_the_last_release_and_has_ended_has_published_it() -> None:
    assert is_published([publication(AFTER, "success")], RELEASED)
    assert is_published([publication(RELEASED, "failed")], RELEASED)


def test_a_publication_that_ended_before_the_last_release_may_have_published_a_part() -> None:
    assert not is_published([], RELEASED)
    assert not is_published([publication(BEFORE, "success")], RELEASED)
    waiting = publication(None, "queued")
    assert not is_published([publication(BEFORE, "success"), waiting], RELEASED)


def test_a_publication_that_waited_for_the_release_counts_once_the_next_one_has_compared() -> None:
    by_the_clock = publication(BEFORE, "success")

    assert not is_published([by_the_clock, publication(AFTER, "running")], RELEASED)
    assert is_published([by_the_clock, publication(AFTER, "success")], RELEASED)


def test_a_running_publication_may_still_change_the_public_file() -> None:
    runs = [publication(AFTER, "success"), publication(AFTER, "running")]

    assert not is_published(runs, RELEASED)

"""The last review: who was asked about which metrics, and how long an answer holds."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include.publishing.reviews import (
    ASK_AGAIN_AFTER,
    Review,
    hold_reviewed,
    last_review,
    save_review,
)
from include.publishing.store import Store
from tests.publishing.samples import NOW

OPEN = Review("for_manual 1", "fingerprint", '"0x8D"', NOW - timedelta(hours=1))
HELD = replace(OPEN, held_by="Ada", reason="Counted twice", answered_at=NOW)
UNANSWERED = replace(OPEN, answered_at=NOW)


def test_the_newest_question_is_remembered(store: Store) -> None:
    assert last_review(store) is None
    save_review(store, OPEN)
    assert last_review(store) == OPEN
    other = replace(OPEN, run="for_manual 2", served=None)
    save_review(store, other)
    assert last_review(store) == other


def test_an_answer_is_stored_with_the_question_it_is_about(store: Store) -> None:
    save_review(store, OPEN)
    hold_reviewed(store, "for_manual 2", "Grace", "Another question", NOW)
    assert last_review(store) == OPEN
    hold_reviewed(store, OPEN.run, "Ada", "Counted twice", NOW)
    assert last_review(store) == HELD


def test_an_answer_without_a_question_is_nothing(store: Store) -> None:
    hold_reviewed(store, OPEN.run, "Ada", "Counted twice", NOW)
    assert last_review(store) is None


@pytest.mark.parametrize(
    ("metrics", "served", "is_about"),
    [("fingerprint", '"0x8D"', True), ("other", '"0x8D"', False), ("fingerprint", None, False)],
)
def test_a_review_is_about_metrics_and_the_served_file(
    metrics: str, served: str | None, is_about: bool
) -> None:
    assert OPEN.is_about(metrics, served) is is_about


@pytest.mark.parametrize(
    ("review", "after", "holds", "ends_at"),
    [
        (OPEN, timedelta(0), False, None),
        (UNANSWERED, timedelta(0), False, NOW),
        (HELD, timedelta(0), True, NOW + ASK_AGAIN_AFTER),
        (HELD, ASK_AGAIN_AFTER - timedelta(seconds=1), True, NOW + ASK_AGAIN_AFTER),
        (HELD, ASK_AGAIN_AFTER, False, NOW + ASK_AGAIN_AFTER),
    ],
)
def test_only_a_persons_answer_holds_for_a_day(
    review: Review, after: timedelta, holds: bool, ends_at: datetime | None
) -> None:
    assert review.holds(NOW + after) is holds
    assert review.ends_at == ends_at
    assert timedelta(hours=24) == ASK_AGAIN_AFTER


@pytest.mark.parametrize(
    ("review", "sentence"),
    [
        (OPEN, "they wait for a review, which the run for_manual 1 of approve_change asks for"),
        (HELD, "Ada held them: Counted twice"),
        (replace(HELD, reason=""), "Ada held them: no reason given"),
    ],
)
def test_a_review_says_what_the_metrics_wait_for(review: Review, sentence: str) -> None:
    assert str(review) == sentence

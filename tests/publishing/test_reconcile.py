"""Whether a publication is due, what stops it, and what of it the watch reports."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from include.publishing.holds import Hold
from include.publishing.reconcile import Delay, Publishing, find_delays, read_publishing
from include.publishing.released import Comparison, Unpublished, compare
from include.publishing.reviews import Review, save_review
from include.publishing.store import Stored
from include.publishing.versions import PUBLISHED
from include.times import california_time
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PROMOTED = NOW - 30 * HOUR
VERSION = "20261123T090000Z-abc"


def state(
    age: timedelta | None = 3 * HOUR,
    *,
    hold: Hold | None = None,
    review: Review | None = None,
    promoted: datetime = PROMOTED,
) -> Publishing:
    """Publishing with a metric that is not public since this age; `None` if all is public."""
    served = Stored(b"", "served", {"version": VERSION}, promoted)
    unpublished = () if age is None else (Unpublished("a", None, None, ""),)
    since = None if age is None else NOW - age
    return Publishing(Comparison("wanted", unpublished, since, ()), served, hold, review)


def hold(age: timedelta, *, version: str = VERSION, released: timedelta | None = None) -> Hold:
    released_at = None if released is None else NOW - released
    return Hold(version, "Grace", "The count is wrong", NOW - age, "manual 1", released_at)


def review(*, answered: timedelta | None = None, by: str = "", metrics: str = "wanted") -> Review:
    answered_at = None if answered is None else NOW - answered
    return Review("for_1", metrics, "served", NOW - 29 * HOUR, by, "Counted", answered_at)


GRACE = f"Grace holds {VERSION} since Tue Nov 24, 5:00 AM PST: The count is wrong"
WAITS = "they wait for a review, which the run for_1 of approve_change asks for"


@pytest.mark.parametrize(
    ("state", "is_asking", "stop"),
    [
        (state(), False, ""),
        (state(), True, ""),
        (state(hold=hold(2 * HOUR)), False, GRACE),
        (state(hold=hold(2 * HOUR, released=HOUR)), False, ""),
        (state(review=review()), True, WAITS),
        (state(review=review()), False, ""),
        (state(review=review(metrics="other")), True, ""),
        (state(review=review(answered=23 * HOUR, by="Ada")), False, "Ada held them: Counted"),
        (state(review=review(answered=24 * HOUR, by="Ada")), False, ""),
        (state(review=review(answered=HOUR, by="Ada", metrics="other")), False, ""),
        (state(review=review(answered=HOUR)), False, ""),
        (state(review=review(answered=HOUR)), True, ""),
        (state(hold=hold(2 * HOUR), review=review()), True, GRACE),
    ],
)
def test_a_hold_an_open_question_or_a_persons_answer_stops_a_publication(
    state: Publishing, is_asking: bool, stop: str
) -> None:
    assert state.stopped_by(NOW, is_asking=is_asking) == stop


def test_a_review_of_another_served_file_stops_nothing() -> None:
    about_none = Review("for_1", "wanted", None, NOW)
    assert state(review=about_none).review is None
    without = Publishing(Comparison("wanted", (), None, ()), None, None, about_none)
    assert without.review == about_none


@pytest.mark.parametrize(
    ("state", "since"),
    [
        (state(None), None),
        (state(None, hold=hold(2 * HOUR)), None),
        (state(3 * HOUR), 3 * HOUR),
        (state(3 * HOUR, hold=hold(2 * HOUR)), 2 * HOUR),
        (state(3 * HOUR, hold=hold(2 * HOUR, released=HOUR)), HOUR),
        (state(3 * HOUR, hold=hold(5 * HOUR, released=4 * HOUR)), 3 * HOUR),
    ],
)
def test_a_publication_is_due_since_the_release_or_the_last_hold(
    state: Publishing, since: timedelta | None
) -> None:
    assert state.since == (None if since is None else NOW - since)


def reported(store: MemoryStore, state: Publishing, after: timedelta = 0 * HOUR) -> list[Delay]:
    return find_delays(store, state, NOW + after, is_asking=False)


def since(age: timedelta) -> Delay:
    return Delay(
        "not public",
        f"Released metrics are not public since {california_time(NOW - age)}; the page"
        " Publication lists them. Trigger publish_metrics, and read the log of its audit.",
    )


@pytest.mark.parametrize(
    ("state", "is_asking", "found"),
    [
        (state(None), False, []),
        (state(59 * MINUTE), False, []),
        (state(60 * MINUTE), False, []),
        (state(61 * MINUTE), False, [since(61 * MINUTE)]),
        (state(3 * HOUR, hold=hold(2 * HOUR)), False, []),
        (state(3 * HOUR, hold=hold(2 * HOUR, released=61 * MINUTE)), False, [since(61 * MINUTE)]),
        (state(3 * HOUR, hold=hold(2 * HOUR, released=59 * MINUTE)), False, []),
        (state(3 * HOUR, review=review()), True, []),
        (state(3 * HOUR, review=review()), False, [since(3 * HOUR)]),
        (state(25 * HOUR, review=review(answered=23 * HOUR, by="Ada")), False, []),
        # A person who held them is asked again after a day: the hour begins then.
        (state(25 * HOUR, review=review(answered=24.5 * HOUR, by="Ada")), False, []),
        (state(28 * HOUR, review=review(answered=26 * HOUR, by="Ada")), False, [since(2 * HOUR)]),
        (state(5 * HOUR, review=review(answered=59 * MINUTE)), False, []),
        (state(5 * HOUR, review=review(answered=61 * MINUTE)), False, [since(61 * MINUTE)]),
    ],
)
def test_metrics_that_nothing_stops_are_reported_if_they_are_not_public_within_an_hour(
    state: Publishing, is_asking: bool, found: list[Delay], store: MemoryStore
) -> None:
    assert find_delays(store, state, NOW, is_asking=is_asking) == found


def test_a_source_that_releases_every_half_hour_hides_no_delay_and_the_text_stays(
    store: MemoryStore,
) -> None:
    found = [
        reported(store, state(minutes_old * MINUTE - after * MINUTE), after * MINUTE)
        for after, minutes_old in ((0, 15), (30, 15), (60, 15), (75, 30))
    ]
    assert found == [[], [], [since(15 * MINUTE)], [since(15 * MINUTE)]]


@pytest.mark.parametrize(
    "better",
    [
        state(None),
        state(10 * MINUTE, hold=hold(0 * HOUR)),
        state(10 * MINUTE, promoted=NOW + 30 * MINUTE),
        state(10 * MINUTE, hold=hold(2 * HOUR, released=-30 * MINUTE)),
        state(10 * MINUTE, review=review(answered=-30 * MINUTE)),
    ],
)
def test_the_hour_starts_again_when_a_publication_a_hold_or_a_review_has_ended(
    better: Publishing, store: MemoryStore
) -> None:
    assert reported(store, state(10 * MINUTE)) == []
    assert reported(store, better, 45 * MINUTE) == []
    behind_again = better if better.since and not better.hold else state(-45 * MINUTE)
    assert reported(store, behind_again, 75 * MINUTE) == []
    assert reported(store, behind_again, 120 * MINUTE) != []


def test_a_delay_of_the_first_publication_is_reported_too(store: MemoryStore) -> None:
    [delay] = reported(store, replace(state(3 * HOUR), served=None))
    assert " since Tue Nov 24, 4:00 AM PST; " in delay.text


def test_the_time_is_said_in_californias_words(store: MemoryStore) -> None:
    [delay] = reported(store, state(3 * HOUR))
    assert " since Tue Nov 24, 4:00 AM PST; " in delay.text


DAY = timedelta(days=1)
OLDER = "20261101T090000Z-old"


def unfinished(age: timedelta) -> Hold:
    return hold(age, version=OLDER)


@pytest.mark.parametrize(
    ("hold", "key", "said"),
    [
        (None, None, ""),
        (unfinished(10 * MINUTE - timedelta(seconds=1)), None, ""),
        (unfinished(10 * MINUTE), "unfinished restore", "The restore by Grace did not"),
        # It is not forgotten as well: one thing is to be done.
        (unfinished(30 * HOUR), "unfinished restore", "The restore by Grace did not"),
        (hold(DAY), None, ""),
        (
            hold(DAY + timedelta(seconds=1)),
            "forgotten hold",
            f"Nothing new is public: Grace holds {VERSION} since Mon Nov 23, 6:59 AM PST: The count"
            " is wrong. Release the hold with release_hold.",
        ),
        (hold(3 * DAY, released=2 * DAY), None, ""),
    ],
)
@pytest.mark.parametrize("age", [None, 2 * DAY])
def test_a_restore_that_did_not_finish_and_a_hold_of_more_than_a_day_are_reported(
    hold: Hold | None, key: str | None, said: str, age: timedelta | None, store: MemoryStore
) -> None:
    resumed = hold is None or hold.is_released
    found = reported(store, state(age, hold=hold, promoted=NOW if resumed else PROMOTED))
    assert [one.key for one in found] == [key] * bool(key)
    assert all(one.text.startswith(said) for one in found)


def test_each_broken_release_is_reported_by_its_source(store: MemoryStore) -> None:
    negative = Stored(file(metric("a", -1)), "1", {}, NOW)
    broken = compare({"epa": negative, "usace": negative}, None, NOW)
    found = reported(store, Publishing(broken, None, None, None))
    assert [one.key for one in found] == [
        f"invalid sources/{source}.json" for source in ("epa", "usace")
    ]
    start = "A released file is invalid: sources/epa.json: The file breaks its contract"
    assert found[0].text.startswith(start)


def test_the_state_is_read_from_the_storage_account(store: MemoryStore) -> None:
    assert read_publishing(store, NOW) == Publishing(compare({}, None, NOW), None, None, None)
    publish(store, file(metric("a", 1)))
    release(store, file(metric("a", 2)))
    store.backdate(PUBLISHED, NOW - 2 * HOUR)
    store.backdate(released("airtable"), NOW - HOUR)
    asked = Review("for_1", sha256(b"").hexdigest(), None, NOW)
    save_review(store, asked)

    found = read_publishing(store, NOW)

    assert [one.name for one in found.comparison.unpublished] == ["a"]
    assert found.since == NOW - HOUR
    assert found.served == store.need(PUBLISHED)
    assert (found.last_review, found.review) == (asked, None)

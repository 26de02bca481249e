"""A hold lasts until it is released; a restore that did not finish is found."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include.publishing import holds
from include.publishing.holds import (
    RESTORE_WITHIN,
    Hold,
    current_hold,
    last_hold,
    release_hold,
    set_hold,
    unfinished_restore,
)
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from tests.publishing.samples import NOW, file, publish

OLDER = "20261124T140000Z-old"
HOLD = Hold(OLDER, "Grace", "The new one is wrong", NOW, "manual 1")


def test_a_hold_lasts_until_it_is_released_and_is_remembered(store: Store) -> None:
    assert (current_hold(store), last_hold(store)) == (None, None)
    set_hold(store, HOLD)
    assert current_hold(store) == HOLD

    release_hold(store, HOLD, NOW + timedelta(hours=1))
    assert current_hold(store) is None
    assert last_hold(store) == replace(HOLD, released_at=NOW + timedelta(hours=1))

    later = replace(HOLD, since=NOW + timedelta(hours=2), run="manual 2")
    set_hold(store, later)
    assert current_hold(store) == later


def test_a_hold_that_earlier_code_stored_is_read(store: Store) -> None:
    set_hold(store, HOLD)
    stored = json.loads(store.need(holds.HOLD).content)
    store.write(holds.HOLD, json.dumps(stored | {"done": True}).encode())
    assert current_hold(store) == HOLD


def test_a_hold_says_who_holds_what_since_when_and_why() -> None:
    assert str(HOLD) == f"Grace holds {OLDER} since Tue Nov 24, 7:00 AM PST: The new one is wrong"


@pytest.mark.parametrize(
    ("hold", "served", "at", "shown"),
    [
        (None, "new", NOW + RESTORE_WITHIN, None),
        (HOLD, OLDER, NOW + RESTORE_WITHIN, None),
        (HOLD, "new", NOW + RESTORE_WITHIN - timedelta(seconds=1), None),
        (HOLD, "new", NOW + RESTORE_WITHIN, "new is public"),
        (HOLD, "", NOW + RESTORE_WITHIN, "an unknown version is public"),
        (HOLD, None, NOW + RESTORE_WITHIN, "nothing is public"),
    ],
)
def test_a_restore_that_did_not_finish_within_ten_minutes_is_found_with_what_to_do(
    hold: Hold | None, served: str | None, at: datetime, shown: str | None, store: Store
) -> None:
    if served == "":
        store.write(PUBLISHED, file())
    elif served:
        publish(store, file(), served)
    found = unfinished_restore(hold, store.read(PUBLISHED), at)
    if shown is None:
        assert found == ""
    else:
        assert found == (
            f"The restore by Grace did not finish: publishing is held on {OLDER}, but {shown}."
            " Clear promote of the run manual 1 of restore_metrics, or release the hold."
        )

"""What each status that Fivetran documents means for a task that waits for a sync."""

import re
from typing import Any

import pytest

from include.pipeline.sync_state import (
    NEVER,
    Phase,
    describe_connector,
    last_end,
    parse_time,
    phase_of,
)

BEFORE, AFTER, LATER = (f"2026-11-24T1{hour}:00:00.000000Z" for hour in (4, 6, 7))
WANTED = parse_time("2026-11-24T15:00:00Z")
ENDS: dict[str, tuple[str | None, str | None]] = {
    "never": (None, None),
    "succeeded before": (BEFORE, None),
    "failed before": (None, BEFORE),
    "succeeded": (AFTER, BEFORE),
    "succeeded, then failed": (AFTER, LATER),
    "failed": (BEFORE, AFTER),
    "failed, then succeeded": (LATER, AFTER),
}
NONE_ENDED = ("never", "succeeded before", "failed before")


def details(ends: str, sync_state: str, setup_state: str, update_state: str) -> dict[str, Any]:
    succeeded_at, failed_at = ENDS[ends]
    status = {"sync_state": sync_state, "setup_state": setup_state, "update_state": update_state}
    paused = sync_state == "paused"
    return {
        "succeeded_at": succeeded_at,
        "failed_at": failed_at,
        "paused": paused,
        "status": status,
    }


@pytest.mark.parametrize("update_state", ["on_schedule", "delayed"])
@pytest.mark.parametrize("setup_state", ["connected", "incomplete", "broken"])
@pytest.mark.parametrize(
    ("sync_state", "phase"),
    [
        ("scheduled", Phase.SCHEDULED),
        ("syncing", Phase.SYNCING),
        ("paused", Phase.PAUSED),
        ("rescheduled", Phase.RESCHEDULED),
        ("a new word", Phase.SCHEDULED),
    ],
)
def test_the_states_of_a_sync_that_has_not_ended(
    sync_state: str, phase: Phase, setup_state: str, update_state: str
) -> None:
    connected = setup_state == "connected" or phase in {Phase.SYNCING, Phase.PAUSED}
    for ends in NONE_ENDED:
        found = phase_of(details(ends, sync_state, setup_state, update_state), WANTED)
        assert found is (phase if connected else Phase.SETUP), ends


@pytest.mark.parametrize("setup_state", ["connected", "incomplete", "broken"])
@pytest.mark.parametrize("sync_state", ["scheduled", "paused", "rescheduled"])
@pytest.mark.parametrize(
    ("ends", "phase"),
    [
        ("succeeded", Phase.ENDED),
        ("succeeded, then failed", Phase.ENDED),
        ("failed, then succeeded", Phase.ENDED),
        ("failed", Phase.FAILED),
    ],
)
def test_the_end_of_a_sync_counts_whatever_came_after_it(
    ends: str, phase: Phase, sync_state: str, setup_state: str
) -> None:
    assert phase_of(details(ends, sync_state, setup_state, "on_schedule"), WANTED) is phase
    running = details(ends, "syncing", setup_state, "on_schedule")
    assert phase_of(running, WANTED) is Phase.SYNCING


def test_a_connector_is_paused_by_either_of_its_two_fields() -> None:
    given = details("never", "scheduled", "connected", "on_schedule")
    assert phase_of({**given, "paused": True}, WANTED) is Phase.PAUSED
    given = details("never", "paused", "connected", "on_schedule")
    assert phase_of({**given, "paused": False}, WANTED) is Phase.PAUSED


@pytest.mark.parametrize(
    ("ends", "last"),
    [("never", None), ("failed", AFTER), ("succeeded", AFTER), ("failed, then succeeded", LATER)],
)
def test_the_last_end_is_that_of_a_success_or_a_failure(ends: str, last: str | None) -> None:
    assert last_end(details(ends, "scheduled", "connected", "delayed")) == parse_time(last)


@pytest.mark.parametrize("text", [None, "", "None"])
def test_no_time_is_before_every_time(text: str | None) -> None:
    assert parse_time(text) == NEVER < parse_time("2019-06-24T21:23:55.862165Z")
    assert parse_time("2026-11-24T15:00:00") == WANTED
    assert parse_time("2026-11-24T07:00:00-08:00") == WANTED


@pytest.mark.parametrize(
    ("sync_state", "setup_state", "said"),
    [
        ("syncing", "connected", "a sync is running"),
        ("scheduled", "connected", "no sync is running"),
        (
            "rescheduled",
            "connected",
            "the next sync is rescheduled, as the source accepts no more requests",
        ),
        ("paused", "broken", "the connector is paused"),
        ("scheduled", "broken", "the connector's setup is broken"),
        ("a new word", "connected", "a new word"),
        ("", "connected", "its state is unknown"),
    ],
)
def test_a_connector_is_described_in_words(sync_state: str, setup_state: str, said: str) -> None:
    given = details("failed", sync_state, setup_state, "delayed") | {"schema": "odi_airtable"}
    assert describe_connector(given) == {
        "name": "odi_airtable",
        "state": said,
        "succeeded_at": BEFORE,
        "failed_at": AFTER,
        "says": "",
    }


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_is_said_in_words(phase: Phase) -> None:
    assert re.fullmatch(r"[a-z][a-z', ]{10,}", phase.value)


def test_a_task_of_fivetran_without_words_is_left_out() -> None:
    given = details("failed", "scheduled", "broken", "delayed")
    given["status"]["tasks"] = [{}, {"code": "reconnect"}, {"message": ""}, {"code": "reconnect"}]
    assert describe_connector(given)["says"] == "reconnect"


def test_what_fivetran_asks_people_to_do_is_in_the_description() -> None:
    given = details("never", "scheduled", "broken", "delayed")
    given["status"]["tasks"] = [{"message": "Reconnect", "details": "The token has expired."}]
    found = describe_connector(given)
    assert found["says"] == "Reconnect: The token has expired"
    assert (found["succeeded_at"], found["failed_at"], found["name"]) == ("", "", "")

"""Waits of parcels: which count, how long they lasted, and what is said of them."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from tests.dashboard.analyses.conftest import Insert, Run

ACCEPTED = datetime(2025, 5, 1)  # noqa: DTZ001
LOADED = "2025-09-01 00:00:00"
# From the first to the newest load.
SO_FAR = 123


def parcel(
    signed_off: float | None, *, withdrawn: float | None = None, **changes: object
) -> dict[str, object]:
    """An eligible parcel, signed off so many days after its right of entry was accepted."""
    return {
        "object_id": 1,
        "fire_name": "Eaton",
        "is_eligible": True,
        "roe_approved_at": str(ACCEPTED),
        "roe_withdrawn_at": None if withdrawn is None else str(ACCEPTED + timedelta(withdrawn)),
        "fso_package_approved_at": (
            None if signed_off is None else str(ACCEPTED + timedelta(signed_off))
        ),
        "last_updated": LOADED,
        **changes,
    }


def test_the_waits_of_each_fire_have_a_median_and_an_interval(insert: Insert, run: Run) -> None:
    insert("usace_parcel_steps", [parcel(day) for day in range(10, 60)])
    insert("usace_parcel_steps", [parcel(day, fire_name="PALISADES") for day in range(100, 110)])

    result = run("parcel_waits")

    eaton, palisades = result.row("fire", "Eaton"), result.row("fire", "Palisades")
    assert (eaton["parcels"], eaton["signed_off"], eaton["without_sign_off"]) == (50, 50, 0)
    assert eaton["median_days"] == 34
    assert 25 < eaton["median_days_low"] < 34 < eaton["median_days_high"] < 45
    assert eaton["days_for_90_percent"] == 54
    assert palisades["median_days"] == 104
    assert (
        "Eaton: 50 signed off, 0 without a sign-off (0 left out); half are done after 34"
        in result.text
    )


def test_a_parcel_that_still_waits_makes_the_estimate_longer(insert: Insert, run: Run) -> None:
    insert("usace_parcel_steps", [parcel(day) for day in range(10, 20)])
    insert("usace_parcel_steps", [parcel(None) for _ in range(10)])

    eaton = run("parcel_waits").row("fire", "Eaton")

    assert (eaton["signed_off"], eaton["without_sign_off"]) == (10, 10)
    assert eaton["median_days"] == 19
    assert pd.isna(eaton["days_for_90_percent"])


def test_a_wait_that_has_not_ended_lasts_up_to_the_newest_load(insert: Insert, run: Run) -> None:
    insert("usace_parcel_steps", [parcel(None)])

    result = run("parcel_waits")

    assert result.row("fire", "Eaton")["without_sign_off"] == 1
    assert max(row["day"] for row in result.drawn()) == SO_FAR
    assert "half are not done yet" in result.text


def test_a_withdrawn_right_of_entry_ends_the_observation(insert: Insert, run: Run) -> None:
    insert("usace_parcel_steps", [parcel(None, withdrawn=7)])

    result = run("parcel_waits")

    assert max(row["day"] for row in result.drawn()) == 7
    assert result.row("fire", "Eaton")["signed_off"] == 0


@pytest.mark.parametrize(
    "left_out",
    [
        {"roe_approved_at": None},
        {"fso_package_approved_at": str(ACCEPTED - timedelta(1))},
        {"roe_withdrawn_at": str(ACCEPTED - timedelta(1)), "fso_package_approved_at": None},
    ],
)
def test_a_parcel_whose_dates_allow_no_wait_is_left_out_and_counted(
    left_out: dict[str, object], insert: Insert, run: Run
) -> None:
    insert("usace_parcel_steps", [parcel(10), {**parcel(10), **left_out}])

    eaton = run("parcel_waits").row("fire", "Eaton")

    assert (eaton["parcels"], eaton["signed_off"], eaton["left_out"]) == (2, 1, 1)
    assert eaton["without_sign_off"] == 0


def test_a_parcel_that_the_public_metrics_do_not_count_is_not_there(
    insert: Insert, run: Run
) -> None:
    insert("usace_parcel_steps", [parcel(10), parcel(10, is_eligible=False)])

    assert run("parcel_waits").row("fire", "Eaton")["parcels"] == 1


def test_without_parcels_the_picture_says_so(run: Run) -> None:
    result = run("parcel_waits")

    assert "No parcel of the two fires is in the newest load." in result.text
    assert result.table.parcels.tolist() == [0, 0]

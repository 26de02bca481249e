"""The bill of a warehouse, by hand-counted times: a burst is its statements and 75 idle seconds."""

import pytest

from local.snowflake.meter import Bill, Meter, Use, bill_of

IDLE = 60
TAIL = IDLE + 15


@pytest.mark.parametrize(
    ("uses", "bill"),
    [
        ([], Bill()),
        ([(0, 10)], Bill(1, busy=10, idle=TAIL, billed=10 + TAIL)),
        # Statements at the same time are busy once.
        ([(0, 10), (5, 20)], Bill(1, busy=20, idle=TAIL, billed=20 + TAIL)),
        # Within the idle seconds of the first: one burst.
        ([(0, 10), (80, 90)], Bill(1, busy=20, idle=70 + TAIL, billed=90 + TAIL)),
        # After it has suspended: two.
        ([(0, 10), (85, 90)], Bill(2, busy=15, idle=2 * TAIL, billed=15 + 2 * TAIL)),
        # In any order, and touching.
        ([(10, 20), (0, 10)], Bill(1, busy=20, idle=TAIL, billed=20 + TAIL)),
    ],
)
def test_bursts_are_merged_and_each_idles_until_it_suspends(uses: list[Use], bill: Bill) -> None:
    assert bill_of(uses, IDLE) == bill


def test_each_resume_is_billed_for_at_least_a_minute() -> None:
    assert bill_of([(0, 1), (100, 101)], 10) == Bill(2, busy=2, idle=50, billed=120)


def test_an_hour_of_an_xsmall_warehouse_is_a_credit() -> None:
    assert bill_of([(0, 3600 - TAIL)], IDLE).credits(1) == 1.0


def test_a_warehouse_is_awake_until_its_idle_seconds_are_over() -> None:
    meter = Meter(IDLE)
    assert meter.is_suspended(0)
    meter.begin(0)
    assert not meter.is_suspended(1000)
    meter.end(1000)
    assert not meter.is_suspended(1000 + TAIL - 1)
    assert meter.is_suspended(1000 + TAIL)
    assert meter.bill(1000 + TAIL + 1) == meter.bill(5000)


def test_a_bill_in_the_middle_of_a_statement_counts_until_now() -> None:
    meter = Meter(IDLE)
    meter.begin(0)

    assert meter.bill(100) == Bill(1, busy=100, billed=100)


def test_a_suspended_warehouse_costs_nothing_more() -> None:
    meter = Meter(IDLE)
    meter.begin(0)
    meter.end(70)
    meter.suspend(80)

    assert meter.is_suspended(80)
    assert meter.bill(9999) == Bill(1, busy=70, idle=10, billed=80)


def test_a_warehouse_that_is_suspended_at_work_ends_its_statements_first() -> None:
    meter = Meter(IDLE)
    meter.begin(0)
    meter.suspend(10)
    assert not meter.is_suspended(20)
    meter.end(90)

    assert meter.is_suspended(90)
    assert meter.bill(9999) == Bill(1, busy=90, billed=90)


def test_a_warehouse_that_never_suspends_is_billed_on() -> None:
    meter = Meter(None)
    meter.resume(0)

    assert not meter.is_suspended(1e6)
    assert meter.bill(7200).credits(1) == 2.0


def test_a_statement_that_does_not_compile_resumes_nothing() -> None:
    meter = Meter(IDLE)
    meter.begin(0)
    meter.cancel(1)
    assert meter.is_suspended(1)
    assert meter.bill(9999) == Bill()


def test_a_statement_that_does_not_compile_leaves_the_others_running() -> None:
    meter = Meter(IDLE)
    meter.begin(0)
    meter.begin(1)
    meter.cancel(2)
    meter.end(10)

    assert meter.bill(9999) == Bill(1, busy=10, idle=TAIL, billed=10 + TAIL)


def test_a_statement_that_does_not_compile_leaves_a_resumed_warehouse_awake() -> None:
    meter = Meter(IDLE)
    meter.resume(0)
    meter.begin(1)
    meter.cancel(1)

    assert not meter.is_suspended(2)
    assert meter.bill(9999) == Bill(1, idle=1 + TAIL, billed=1 + TAIL)

"""The resource monitor now, and the credits of a run later, by burst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from include import warehouse
from tools.acceptance.account import AUDITOR, Account
from tools.acceptance.grants import REFUSED
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, expect
from tools.acceptance.trial import Trial

# A warehouse suspends after a minute without a statement; the process that suspends it runs about
# every 30 seconds: https://docs.snowflake.com/en/sql-reference/sql/create-warehouse
SUSPENDS_AFTER = timedelta(seconds=90)
DELAY = "Snowflake's metering lags behind by up to three hours"


@dataclass(frozen=True)
class Burst:
    """The time from a warehouse's first statement to the last one before it can suspend.

    Attributes:
        compute: The warehouse.
        began: The start of its first statement, in UTC.
        ended: The end of its last one.
        statements: The number of statements.
    """

    compute: str
    began: datetime
    ended: datetime
    statements: int


def monitor(trial: Trial) -> str:
    """`monitor`: TRANSFORMER sees the resource monitor and its quota, as `watch_credits` does."""
    from include.pipeline.credits import MonitorError, read_credits

    try:
        month = read_credits(
            lambda: trial.account.connect("TRANSFORMER"), warehouse.resource_monitor()
        )
    except MonitorError as error:
        raise CheckFailedError(str(error)) from error
    return f"{month.monitor}: {month.used:g} of {month.quota:g} credits are used."


def credits_later(trial: Trial) -> str:
    """`credits`: always later; says how.

    Raises:
        NotPermittedError: Always.
    """
    raise NotPermittedError(
        f"{DELAY}: run .local/venv/bin/python -m tools.acceptance --credits {trial.token} then."
    )


def read_bursts(account: Account, token: str) -> str:
    """`credits` of an earlier run: its bursts, and what the warehouses' hours were billed.

    Args:
        account: The account.
        token: The run's token.

    Raises:
        NotPermittedError: The role may not read the account's usage.
        CheckFailedError: No statement of the run is in the account's history, or an hour of a burst
            is not metered.
    """
    from snowflake.connector.errors import ProgrammingError

    try:
        # The role's default time zone decides how times are written, so their epoch is read:
        # https://docs.snowflake.com/en/sql-reference/account-usage/query_history
        statements = account.run(
            AUDITOR,
            "SELECT WAREHOUSE_NAME, DATE_PART('epoch_millisecond', START_TIME),"
            " DATE_PART('epoch_millisecond', END_TIME)"
            " FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY"
            " WHERE CONTAINS(QUERY_TAG, %s) AND WAREHOUSE_NAME IS NOT NULL ORDER BY START_TIME",
            (f'"dag":"accept_{token}"',),
        )
        expect(statements, f"The account's history has no statement of {token} yet. {DELAY}.")
        metered = account.run(
            AUDITOR,
            "SELECT WAREHOUSE_NAME, DATE_PART('epoch_millisecond', START_TIME),"
            " CREDITS_USED_COMPUTE, CREDITS_USED_CLOUD_SERVICES"
            " FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY"
            " WHERE START_TIME >= TO_TIMESTAMP_LTZ(%s, 3)",
            (_hour(_time(statements[0][1])).timestamp() * 1000,),
        )
    except ProgrammingError as error:
        if error.errno not in REFUSED:
            raise
        raise NotPermittedError(
            "The role of AIRFLOW_CONN_SNOWFLAKE_AUDITOR may not read SNOWFLAKE.ACCOUNT_USAGE:"
            f" {' '.join(str(error.raw_msg).split())}"
        ) from error
    hours = {(str(name), _time(start)): (float(c), float(s)) for name, start, c, s in metered}
    lines = [_line(burst, hours) for burst in bursts(statements)]
    return "\n".join(lines)


def bursts(statements: Sequence[Sequence[Any]]) -> Iterator[Burst]:
    """The bursts of each warehouse.

    Args:
        statements: Of each statement its warehouse, and its start and end in milliseconds since
            1970, sorted by start.
    """
    open_ones: dict[str, Burst] = {}
    for name, start, end in statements:
        compute, began, ended = str(name), _time(start), _time(end)
        last = open_ones.get(compute)
        if last and began - last.ended <= SUSPENDS_AFTER:
            open_ones[compute] = Burst(
                compute, last.began, max(last.ended, ended), last.statements + 1
            )
            continue
        if last:
            yield last
        open_ones[compute] = Burst(compute, began, ended, 1)
    yield from open_ones.values()


def _line(burst: Burst, hours: dict[tuple[str, datetime], tuple[float, float]]) -> str:
    of_burst, hour = [], _hour(burst.began)
    while hour <= burst.ended:
        if (found := hours.get((burst.compute, hour))) is None:
            raise CheckFailedError(
                f"{burst.compute} is not metered for {hour:%Y-%m-%d %H:%M} UTC yet. {DELAY}."
            )
        of_burst.append(found)
        hour += timedelta(hours=1)
    compute, services = (sum(one[at] for one in of_burst) for at in (0, 1))
    awake = (burst.ended - burst.began + SUSPENDS_AFTER).total_seconds()
    return (
        f"{burst.compute} from {burst.began:%Y-%m-%d %H:%M:%S} UTC: {burst.statements} statements"
        f" in {(burst.ended - burst.began).total_seconds():.0f} s, about {awake / 3600:.4f} credits"
        f" of an XS with its suspension; its {len(of_burst)} hours were metered at {compute:.4f}"
        f" credits, and {services:.4f} for cloud services."
    )


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)

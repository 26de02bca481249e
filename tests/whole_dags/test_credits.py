"""The watch of the month's credits, with the emulated account: its messages, and what it costs."""

import os
import ssl
from collections.abc import Iterator

import httpx
import pytest

from local.cloud import Cloud
from tests.slack import Slack
from tests.whole_dags.helpers import headings, rows, run_dag, statements

MONITOR = "RESOURCE MONITOR DDRC_DEV"
# They query the storage account and Airflow's API, and have tests of their own.
OTHERS = "watch_public_file|watch_dags|keep_incident_log"


def use(cloud: Cloud, used: float) -> None:
    """Set how many credits are used."""
    trusted = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    url = f"{cloud.url('snowflake')}/emulator/credits"
    done = httpx.post(url, json={"used": used, "monitor": "DDRC_DEV"}, verify=trusted)
    done.raise_for_status()


@pytest.fixture
def spending(fresh: Cloud) -> Iterator[Cloud]:
    """A cloud with a quota of 100 credits, of which a test sets how many are used."""
    [quota] = [row[1] for row in rows(fresh, "SHOW RESOURCE MONITORS LIKE 'DDRC_DEV'")]
    rows(fresh, f"ALTER {MONITOR} SET CREDIT_QUOTA = 100")
    Slack(fresh.url("slack")).clear()
    yield fresh
    use(fresh, 0)
    rows(fresh, f"ALTER {MONITOR} SET CREDIT_QUOTA = {quota}")
    Slack(fresh.url("slack")).clear()


def watch() -> str:
    return run_dag("watch_publication", mark_success=OTHERS)["watch_credits"]


def test_each_share_is_one_message_that_is_over_next_month_and_needs_no_warehouse(
    spending: Cloud,
) -> None:
    before = statements(spending)[-1]["number"]
    for used in (20, 55, 55, 85, 85, 0):
        use(spending, used)
        assert watch() == "success"

    half, most, over = headings(spending)
    assert ("LOW" in half, "50 % of the month" in half) == (True, True)
    assert ("LOW" in most, "80 % of the month" in most) == (True, True)
    assert "Recovered" in over
    sent = [one for one in statements(spending, before) if one["user"].startswith("AIRFLOW_")]
    assert {one["sql"] for one in sent} == {"SHOW RESOURCE MONITORS LIKE 'DDRC_DEV'"}
    assert {one["used_warehouse"] for one in sent} == {""}


def test_a_monitor_without_a_quota_fails_the_task_and_is_reported(spending: Cloud) -> None:
    rows(spending, f"ALTER {MONITOR} SET CREDIT_QUOTA = NULL")

    assert watch() == "failed"
    assert "credits could not be read" in headings(spending)[-1]

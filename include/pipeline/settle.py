"""Folds a burst: six sources that end within minutes are one publication."""

import logging
import os
import time
from datetime import timedelta

from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.pipeline.sync import POLL_SECONDS
from include.sources import SOURCES
from include.storage import utc_now

log = logging.getLogger(__name__)

# A source that takes longer, a stuck sync for example, does not hold the others up.
SETTLE = timedelta(seconds=float(os.environ.get("DDRC_SETTLE_SECONDS", "300")))


def settle() -> XComArg:
    """A task `settle` that waits for the sources that run, and leaves the work to a later run.

    A source that ends while this run waits has queued another run by then: that one would publish
    the same metrics again, so this one is skipped for it.
    """

    @task(task_id="settle")
    def wait() -> str:
        context = get_current_context()
        ti, run = context["ti"], context["dag_run"]
        until = (run.start_date or utc_now()) + SETTLE
        while running := [one for one in SOURCES if ti.get_dr_count(one, states=["running"])]:
            if utc_now() > until:
                log.info("%s still run; their metrics follow later.", ", ".join(running))
                break
            time.sleep(POLL_SECONDS)
        if ti.get_dr_count(run.dag_id, states=["queued"]):
            after = context["task"].get_flat_relatives(upstream=False)
            log.info("A later run is queued: it publishes what this one would.")
            raise DownstreamTasksSkipped(  # type: ignore[no-untyped-call]
                tasks=[one.task_id for one in after]
            )
        return "Every source that ran has ended."

    return wait()

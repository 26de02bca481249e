"""Folds a burst: six sources that end within minutes are one publication."""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.pipeline.params import SKIP_PUBLISHING
from include.pipeline.sync import POLL_SECONDS
from include.sources import SOURCES
from include.times import utc_now

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
        after = [one.task_id for one in context["task"].get_flat_relatives(upstream=False)]
        if not is_to_be_published(context["triggering_asset_events"]):
            log.info("Whoever ran the source asked for no publication.")
            raise DownstreamTasksSkipped(tasks=after)  # type: ignore[no-untyped-call]
        until = (run.start_date or utc_now()) + SETTLE
        while running := [one for one in SOURCES if ti.get_dr_count(one, states=["running"])]:
            if utc_now() > until:
                log.info("%s still run; their metrics follow later.", ", ".join(running))
                break
            time.sleep(POLL_SECONDS)
        if ti.get_dr_count(run.dag_id, states=["queued"]):
            log.info("A later run is queued: it publishes what this one would.")
            raise DownstreamTasksSkipped(tasks=after)  # type: ignore[no-untyped-call]
        return "Every source that ran has ended."

    return wait()


def is_to_be_published(events: Mapping[Any, Sequence[Any]]) -> bool:
    """Whether somebody or something wants what has changed to be public.

    Args:
        events: The events that triggered the run, by their asset; none where a person did.
    """
    found = [event for of_asset in events.values() for event in of_asset]
    return not found or not all(event.extra.get(SKIP_PUBLISHING) for event in found)

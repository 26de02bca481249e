"""Wait for running sources, so that several sources that end within minutes are one publication."""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import XComArg, get_current_context, task

from include.pipeline.change_detection import skip_the_rest
from include.pipeline.params import SKIP_PUBLISHING
from include.pipeline.sync import POLL_SECONDS
from include.sources import SOURCES
from include.times import utc_now

log = logging.getLogger(__name__)

# A source that takes longer, for example because its sync hangs, does not delay the others.
SETTLE = timedelta(seconds=float(os.environ.get("DDRC_SETTLE_SECONDS", "300")))


def wait_for_sources() -> XComArg:
    """A task `settle` that waits for running sources and leaves the work to a queued run.

    A source that ends during the wait has queued another run, which would publish the same
    metrics again: this run skips its own publication.
    """

    @task
    def settle() -> str:
        context = get_current_context()
        ti, run = context["ti"], context["dag_run"]
        if not publication_is_wanted(context["triggering_asset_events"]):
            skip_the_rest(context, "The source's run was triggered with 'Do not publish'")
        until = (run.start_date or utc_now()) + SETTLE
        while running := [dag for dag in SOURCES if ti.get_dr_count(dag, states=["running"])]:
            if utc_now() > until:
                log.info("Still running: %s. Their metrics follow later.", ", ".join(running))
                break
            time.sleep(POLL_SECONDS)
        if ti.get_dr_count(run.dag_id, states=["queued"]):
            skip_the_rest(context, "A later run is queued and publishes the same metrics")
        return "No source is running any more."

    return settle()


def publication_is_wanted(events: Mapping[Any, Sequence[Any]]) -> bool:
    """True if any of the changes that triggered a run should become public.

    Args:
        events: The asset events that triggered the run, by asset; empty if a person did.
    """
    flat = [event for of_asset in events.values() for event in of_asset]
    return not flat or not all(event.extra.get(SKIP_PUBLISHING) for event in flat)

"""The first step of a publication: wait for running sources, then check whether it is due."""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import XComArg, get_current_context, task

from include.pipeline.change_detection import skip_the_rest
from include.pipeline.params import SKIP_PUBLISHING
from include.pipeline.reviews import is_asking
from include.pipeline.sync import POLL_SECONDS
from include.publishing.reconcile import read_publishing
from include.sources import SOURCES
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

# A source that takes longer, for example because its sync hangs, does not delay the others.
SETTLE = timedelta(seconds=float(os.environ.get("DDRC_SETTLE_SECONDS", "300")))


def wait_for_sources() -> XComArg:
    """A task `settle` that waits for running sources, and skips the rest if nothing is to publish.

    Several sources that end within minutes are one publication. Whether one is due is decided by
    comparison, so it does not matter which events were lost, or which DAG was paused: the next run,
    by an asset or by the clock, publishes. No statement is sent to the warehouse before.
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
        now = utc_now()
        state = read_publishing(open_store(), now)
        if state.comparison.is_public:
            skip_the_rest(context, "The public file says what the sources have released")
        if stop := state.stopped_by(now, is_asking=is_asking(ti, state.last_review)):
            skip_the_rest(context, f"Released metrics are not published: {stop}")
        names = ", ".join(one.name for one in state.comparison.unpublished)
        return f"Released and not public: {names}"

    return settle()


def publication_is_wanted(events: Mapping[Any, Sequence[Any]]) -> bool:
    """True if any of the changes that triggered a run should become public at once.

    Args:
        events: The asset events that triggered the run, by asset; empty if a person, the clock or
            the release of a hold did.
    """
    flat = [event for of_asset in events.values() for event in of_asset]
    return not flat or not all(event.extra.get(SKIP_PUBLISHING) for event in flat)

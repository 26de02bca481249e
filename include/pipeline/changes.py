"""Skips what need not run: a layer that says it was not edited since it last went all the way.

What went all the way is remembered with the source's asset, which only a successful `unload`
updates: a failed transform or unload leaves the older memory, and the next run does it all.
"""

import logging
from datetime import datetime
from typing import Any

from airflow.sdk import Context, DagRunState, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, DownstreamTasksSkipped

from include.loaders import LoadOptions, PermanentError, read_layer_info
from include.pipeline.assets import SOURCE_ASSETS
from include.pipeline.code import deployed_code
from include.pipeline.forms import SKIP_PUBLISHING, asked_for
from include.pipeline.load import SOURCE_RETRY_SECONDS, origin_of
from include.sources import ArcgisLayer

log = logging.getLogger(__name__)

EDITED_AT = "source_edited_at"
CODE = "code"


def skip_unless_edited(layer: ArcgisLayer) -> XComArg:
    """A task `look_for_edits` that skips the rest of the DAG if the layer was not edited.

    It never skips where it was itself cleared or tried again, where the run's form asks for a
    load, where other code was deployed since, or where the run before did not succeed. Any task
    after it can be cleared by itself and then runs: what was skipped has not failed.
    """
    asset = SOURCE_ASSETS[layer.name]

    @task(task_id="look_for_edits", inlets=[asset])
    def look_for_edits() -> str:
        context = get_current_context()
        last = last_edit_unloaded(context["inlet_events"][asset])
        reason = reason_to_load(context, last)
        if reason is None:
            now = _edited_at(layer)
            if now == last:
                reason = f"{layer.name} was not edited since {last}: its last load went all the way"
                log.info("%s. Nothing is loaded; force it from the run form.", reason)
                context["ti"].xcom_push(key="skipped_because", value=reason)
                after = context["task"].get_flat_relatives(upstream=False)
                raise DownstreamTasksSkipped(  # type: ignore[no-untyped-call]
                    tasks=[one.task_id for one in after]
                )
            reason = f"{layer.name} was edited at {now or 'a time that it does not tell'}"
        log.info("%s; it is loaded.", reason)
        return reason

    return look_for_edits()


def last_edit_unloaded(events: Any) -> str | None:  # noqa: ANN401
    """The layer's edit time, ISO 8601 in UTC, that the present code last carried all the way.

    Args:
        events: The events of the source's asset, as a task's context gives them.
    """
    newest = list(events.ascending(False).limit(1))
    if not newest or newest[0].extra.get(CODE) != deployed_code():
        return None
    edited_at: str | None = newest[0].extra.get(EDITED_AT)
    return edited_at


def reason_to_load(context: Context, last: str | None) -> str | None:
    """Why the layer is loaded, whatever it says of its edits; `None` where it is asked first."""
    form = asked_for(context)
    logical_date = context["dag_run"].logical_date
    before = context["ti"].get_previous_dagrun() if logical_date else None
    reasons = {
        "A full load was asked for": form.force_full_load,
        "A drop in rows was accepted": form.accept_drop,
        "The task was cleared or tried again": context["ti"].try_number > 1,
        "No load of this code has gone all the way": last is None,
        "A run without a logical date knows of none before it": logical_date is None,
        "The run before did not succeed": before and before.state != DagRunState.SUCCESS,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def remember(source: str) -> Any:  # noqa: ANN401
    """What `unload` does when it is done: keep the load's edit time with the source's asset."""

    def keep(context: Context, result: Any = None) -> None:  # noqa: ANN401
        report = context["ti"].xcom_pull(task_ids="load") or {}
        extra = {
            EDITED_AT: report.get(EDITED_AT),
            CODE: deployed_code(),
            SKIP_PUBLISHING: asked_for(context).skip_publishing,
        }
        context["outlet_events"][SOURCE_ASSETS[source]].extra = extra

    return keep


def _edited_at(layer: ArcgisLayer) -> str | None:
    options = LoadOptions(retry_seconds=SOURCE_RETRY_SECONDS)
    try:
        edited: datetime | None = read_layer_info(layer, origin_of(layer.name), options).edited_at
    except PermanentError as error:
        raise AirflowFailException(str(error)) from error
    return None if edited is None else edited.isoformat().replace("+00:00", "Z")

"""Tasks that look at a source before it is loaded, where that is cheaper than loading it."""

import logging
from datetime import datetime

from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.loaders import LoadError, LoadOptions, PermanentError
from include.pipeline.assets import SOURCE_ASSETS
from include.pipeline.changes import (
    CONTENT_HASH,
    EDITED_AT,
    Seen,
    last_seen,
    reason_of_age,
    reason_to_run,
    skip_the_rest,
)
from include.pipeline.load import SOURCE_RETRY_SECONDS, list_task, origin_of
from include.sources import ArcgisLayer, JsonList

log = logging.getLogger(__name__)

# A list that does not answer for so long is left to the task that loads it, which is more patient.
LOOK_SECONDS = min(30.0, SOURCE_RETRY_SECONDS)


def skip_unless_edited(layer: ArcgisLayer) -> XComArg:
    """A task `look_for_edits` that skips the rest of the DAG if the layer was not edited.

    It never skips where it was itself cleared or tried again, where the run's form asks for a
    load, where other code was deployed since, or where the run before did not succeed.
    """

    @task(task_id="look_for_edits", inlets=[SOURCE_ASSETS[layer.name]])
    def look_for_edits() -> str:
        context = get_current_context()
        last = last_seen(context, layer.name).get("load", {}).get(EDITED_AT)
        reason = reason_to_run(context, last)
        if reason is None:
            now = _edited_at(layer)
            if now == last:
                skip_the_rest(context, f"{layer.name} was not edited since {last}")
            reason = f"{layer.name} was edited at {now or 'a time that it does not tell'}"
        log.info("%s; it is loaded.", reason)
        return reason

    return look_for_edits()


def skip_unless_changed(source: str, lists: tuple[JsonList, ...]) -> XComArg:
    """A task `look_for_changes` that skips the rest of the DAG if all lists show the same rows.

    If one of them changed, every one is loaded: the tables are of one time. It never skips where
    `look_for_edits` would not, nor when the last load is older than `RELOAD_AFTER`.
    """

    @task(task_id="look_for_changes", inlets=[SOURCE_ASSETS[source]])
    def look_for_changes() -> str:
        context = get_current_context()
        seen = last_seen(context, source)
        reason = reason_to_run(context, seen) or reason_of_age(seen)
        reason = reason or next((said for one in lists if (said := _change(source, one, seen))), "")
        if not reason:
            skip_the_rest(context, f"{source} shows the same rows as at its last load")
        log.info("%s; every list is loaded.", reason)
        return reason

    return look_for_changes()


def _edited_at(layer: ArcgisLayer) -> str | None:
    from include.loaders import read_layer_info

    options = LoadOptions(retry_seconds=SOURCE_RETRY_SECONDS)
    try:
        edited: datetime | None = read_layer_info(layer, origin_of(layer.name), options).edited_at
    except PermanentError as error:
        raise AirflowFailException(str(error)) from error
    return None if edited is None else edited.isoformat().replace("+00:00", "Z")


def _change(source: str, json_list: JsonList, seen: Seen) -> str | None:
    """Why a list has to be loaded; a broken one is loaded too, so that its own task says why."""
    from include.loaders import hash_json_list

    options = LoadOptions(retry_seconds=LOOK_SECONDS)
    try:
        now = hash_json_list(json_list, origin_of(source), options)
    except LoadError as error:
        return f"{json_list.name} cannot be compared ({error})"
    last = seen.get(list_task(json_list), {}).get(CONTENT_HASH)
    return None if now and now == last else f"{json_list.name} has changed"

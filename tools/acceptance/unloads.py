"""Unloads, by the pipeline's own task: a mart of three metrics, and one without any."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from include import connections, warehouse
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.store import Place
from tools.acceptance.account import variable_of
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, expect
from tools.acceptance.trial import Trial

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties

    from include.pipeline.unload import UnloadOperator

MART, EMPTY = "pasadena_metrics", "empty_metrics"
MODELS: Final = (MART, EMPTY)
# Of the rows that `dbt_build` loads.
METRICS: Final = {
    "pasadena_building_permits_issued": 2,
    "pasadena_rebuild_applications_in_review": 1,
    "pasadena_rebuild_applications_received": 4,
}
KEYS: Final = (
    "METRIC_NAME", "METRIC_VALUE", "METRIC_TYPE", "METRIC_UNIT_LABEL", "UPDATE_FREQUENCY",
    "LAST_UPDATED",
)  # fmt: skip
# Snowflake writes a stream of bytes: `release` and `promote` set the public header.
CONTENT_TYPES: Final = ("application/octet-stream", "application/json")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def has_storage() -> bool:
    """True if there is a connection to the storage account."""
    return bool(os.environ.get(variable_of(connections.STORAGE)))


def unload(trial: Trial) -> str:
    """`unload`: three metrics become one line of JSON in a candidate of the expected name."""
    result = _run(trial, MART)
    expect(result[0][0] == 1, f"COPY INTO reports {result[0][0]} rows; one array was expected.")
    content, properties = _read(trial, MART)
    text = content.decode()
    lines = text.splitlines()
    expect(len(lines) == 1, f"The candidate has {len(lines)} lines, not one.")
    found = json.loads(lines[0])
    expect(
        isinstance(found, list) and all(set(each) == set(KEYS) for each in found),
        f"The candidate is not an array of objects with {', '.join(KEYS)}: {text[:200]}",
    )
    values = {each["METRIC_NAME"]: each["METRIC_VALUE"] for each in found}
    expect(values == METRICS, f"The candidate has {values}, not {METRICS}.")
    texts = [name for name, value in values.items() if not _is_number(value)]
    expect(not texts, f"METRIC_VALUE is not a number: {', '.join(texts)}.")
    times = {each["LAST_UPDATED"] for each in found}
    expect(all(_TIME.fullmatch(str(time)) for time in times), f"LAST_UPDATED is {sorted(times)}.")
    kind = properties.content_settings.content_type
    expect(kind in CONTENT_TYPES, f"The candidate's content type is {kind}.")
    expect(not properties.content_settings.content_encoding, "The candidate is compressed.")
    raw = re.search(r'"METRIC_VALUE":\s*([^,}]+)', text)
    return (
        f"{properties.name}: one line of {len(content)} bytes, {kind}; METRIC_VALUE as"
        f" {raw[1] if raw else '?'}, LAST_UPDATED as {max(times)}."
    )


def unload_nothing(trial: Trial) -> str:
    """`unload_nothing`: a mart without rows writes no file, and its task fails with the reason."""
    from airflow.sdk.exceptions import AirflowFailException

    mart, empty = warehouse.metrics_table(MART), warehouse.metrics_table(EMPTY)
    trial.account.run(
        "TRANSFORMER",
        f"CREATE OR REPLACE TABLE {empty} AS SELECT * FROM {mart} WHERE FALSE",  # noqa: S608
    )
    try:
        _run(trial, EMPTY)
    except AirflowFailException as error:
        reason = str(error)
    else:
        raise CheckFailedError("The unload of a mart without rows did not fail.")
    expect("has no rows" in reason, f"The unload failed for another reason: {reason}")
    # Should the task not notice, the statement itself must leave no file.
    task = _task(trial, EMPTY)
    trial.account.run("REPORTER", str(task.sql))
    store = _store()
    path = candidate_file(EMPTY, trial.prefix)
    written = store.list(CANDIDATES_CONTAINER, path)
    expect(not written, f"COPY INTO of no rows has written {path}.")
    return "The task fails with its reason, and COPY INTO of no rows writes no file."


def _run(trial: Trial, model: str) -> Any:
    """Run the task `unload` of a mart; COPY INTO's result row."""
    task = _task(trial, model)
    hook = task.get_db_hook()
    try:
        return task.execute(_context(trial, task))
    finally:
        trial.account.queries += [query for query in getattr(hook, "query_ids", ()) if query]


def _task(trial: Trial, model: str) -> UnloadOperator:
    """The pipeline's task, with its templates filled in."""
    from include.pipeline.unload import unload as unload_of

    if not trial.account.may_log_in("REPORTER"):
        # Says which variable to set.
        trial.account.connect("REPORTER")
    task = unload_of(model)
    task.render_template_fields(_context(trial, task))
    trial.candidates.append(Place(CANDIDATES_CONTAINER, candidate_file(model, trial.prefix)))
    return task


def _context(trial: Trial, task: UnloadOperator) -> Any:
    ti = SimpleNamespace(dag_id=trial.account.dag, task_id=task.task_id, run_id=trial.prefix)
    context: Mapping[str, Any] = {"params": task.params, "run_id": trial.prefix, "ti": ti}
    return context


def _read(trial: Trial, model: str) -> tuple[bytes, BlobProperties]:
    """A candidate as it lies in the storage account, and its properties."""
    path = candidate_file(model, trial.prefix)
    blob = _service().get_blob_client(CANDIDATES_CONTAINER, path)
    expect(blob.exists(), f"COPY INTO succeeded, and there is no candidate {path}.")
    found = blob.download_blob()
    return found.readall(), found.properties


def _store() -> Any:
    from include.publishing.azure_store import AzureStore

    return AzureStore(_service())


def _service() -> Any:
    """The storage account's client, as the pipeline opens it.

    Raises:
        NotPermittedError: There is no connection to it.
    """
    if not has_storage():
        raise NotPermittedError(
            f"The candidate was not read: set {variable_of(connections.STORAGE)}, as"
            " docs/acceptance.md says."
        )
    from airflow.providers.microsoft.azure.hooks.wasb import WasbHook

    return WasbHook(wasb_conn_id=connections.STORAGE).get_conn()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

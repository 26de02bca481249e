"""Change detection: skip a run whose source is the same as at its last complete run.

The state of a source is stored with its asset, which only a successful `release` updates. After a
failed transform or unload the older state is still there, and the next run does everything again.
Task states decide nothing, because people change them: a task that is about to write stores a mark,
and a run skips only if the released metrics were unloaded after it.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NoReturn, cast

from airflow.sdk import Context
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include import warehouse
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.params import SKIP_PUBLISHING, run_params
from include.publishing.names import (
    PUBLIC_CONTAINER,
    VERSIONS_CONTAINER,
    candidate_file,
    source_file,
)
from include.publishing.promotion import CANDIDATE, as_unloaded, unloaded_at
from include.publishing.store import Place, Store
from include.sources import SOURCES, Source
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

# Metrics of a source without an edit time carry the time of its load, and promise to be daily.
# After 20 hours the same rows are loaded again: four hourly runs are left before a day has passed.
# dbt warns of raw tables that were not loaded for three days, `watch_public_file` of metrics that
# are older than four.
RELOAD_AFTER = timedelta(hours=20)

# What is stored of the results of the tasks that read a source.
EDITED_AT, LOADED_AT, CONTENT_HASH = STORED = ("source_edited_at", "loaded_at", "content_hash")
CODE, SEEN = "code", "seen"

# By the id of the task that read it, what a source's state was.
Seen = dict[str, dict[str, str | None]]

_ROOT = Path(__file__).parents[2]
_CODE_FOLDERS = ("dags", "include", "plugins")
_CODE_SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".pem"}
# dbt and Python write these folders into the project: they are not code.
_GENERATED = {"target", "logs", "dbt_packages", "__pycache__"}


def remember(source: Source) -> Callable[[Context, object], None]:
    """The `post_execute` of `release`: store with the source's asset what the run has read."""

    def store_with_asset(context: Context, _result: object = None) -> None:
        readers = [part.reader for part in source.parts]
        reports = {task: context["ti"].xcom_pull(task_ids=task) for task in readers}
        context["outlet_events"][SOURCE_ASSETS[source.name]].extra = {
            SEEN: {
                task: {name: report.get(name) for name in STORED}
                for task, report in reports.items()
                if report
            },
            CODE: code_fingerprint(),
            SKIP_PUBLISHING: run_params(context).skip_publishing,
        }

    return store_with_asset


def last_seen(context: Context, source: str) -> Seen:
    """The state of a source at its last complete run by the deployed code.

    Args:
        context: The context of a task that has the source's asset among its inlets.
        source: The source's name.

    Returns:
        For each task that read the source, its `source_edited_at`, `loaded_at` (ISO 8601 in UTC)
        and `content_hash`, as far as the task reported them; empty if other code was deployed
        since, or if a task has written something that is not released.
    """
    newest = context["inlet_events"][SOURCE_ASSETS[source]].ascending(False).limit(1)
    stored = next((event.extra for event in newest if event.extra), {})
    if stored.get(CODE) != code_fingerprint() or not is_complete(open_store(), source):
        return {}
    return cast("Seen", stored.get(SEEN) or {})


def mark_write(store: Store, source: str, run: str) -> None:
    """Note that a task of a source's DAG is about to write a table.

    Args:
        store: The storage account.
        source: The source's name.
        run: The task's run.
    """
    store.write(_mark(source), run.encode())


def is_complete(store: Store, source: str) -> bool:
    """True if the run that wrote last has released, and unloaded after its last write.

    Args:
        store: The storage account, whose clock dates both.
        source: The source's name.
    """
    released = store.read(Place(PUBLIC_CONTAINER, source_file(source)))
    written = store.read(_mark(source))
    if released is None or written is None:
        return released is not None
    # The account dates its files to the second, so two runs can have the same time.
    candidate = candidate_file(SOURCES[source].mart, written.content.decode())
    return released.metadata.get(CANDIDATE) == candidate and unloaded_at(
        released.metadata
    ) >= as_unloaded(written.modified_at)


def _mark(source: str) -> Place:
    return Place(VERSIONS_CONTAINER, f"writes/{source}")


def reason_to_run(context: Context, last: object) -> str | None:
    """The reason to run whatever the source's state is; `None` if its state decides.

    Args:
        context: The running task's context.
        last: What is stored of the source's state; false if there is nothing to compare with.
    """
    params = run_params(context)
    reasons = {
        "A full load was requested": params.force_full_load,
        "A drop in rows was accepted": params.accept_drop,
        "The task was cleared or retried": context["ti"].try_number > 1,
        "There is no complete run of the deployed code to compare with": not last,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def reason_to_reload(seen: Seen) -> str | None:
    """The reason to load even the same rows: the last load is too old; `None` if it is not."""
    times = [loaded_at for report in seen.values() if (loaded_at := report[LOADED_AT])]
    if times and utc_now() - datetime.fromisoformat(min(times)) < RELOAD_AFTER:
        return None
    return f"The last load is older than {RELOAD_AFTER.total_seconds() / 3600:.0f} hours"


def skip_the_rest(context: Context, reason: str) -> NoReturn:
    """End the running task as a success, and skip every task after it.

    A skipped task has not failed: cleared by itself, it runs.

    Args:
        context: The running task's context.
        reason: Why nothing needs to be done, without a full stop; stored as `skipped_because`.

    Raises:
        DownstreamTasksSkipped: Always; it is Airflow's signal to skip.
    """
    log.info("%s. The tasks after this one are skipped.", reason)
    context["ti"].xcom_push(key="skipped_because", value=reason)
    after = context["task"].get_flat_relatives(upstream=False)
    raise DownstreamTasksSkipped(  # type: ignore[no-untyped-call]
        tasks=[task.task_id for task in after]
    )


def code_fingerprint() -> str:
    """The fingerprint of the deployed code, its pinned packages and its environment.

    It is the same in two tasks if the same code works on the same schemas.

    Returns:
        16 hexadecimal digits.
    """
    names = f"{warehouse.environment()} {warehouse.schema_prefix()}"
    return hashlib.sha256(f"{_hash_of_deployed_files()} {names}".encode()).hexdigest()[:16]


@cache
def _hash_of_deployed_files() -> str:
    return hash_code(_ROOT)


def hash_code(root: Path) -> str:
    """The hash of a project's code files, by path and content."""
    files = [root / "requirements.txt"]
    for folder in _CODE_FOLDERS:
        files += (path for path in (root / folder).rglob("*") if path.suffix in _CODE_SUFFIXES)
    hashed = hashlib.sha256()
    for path in sorted(files):
        relative = path.relative_to(root)
        if path.is_file() and _GENERATED.isdisjoint(relative.parts):
            hashed.update(f"{relative.as_posix()}\0".encode())
            hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()

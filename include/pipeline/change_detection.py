"""What need not run: what a source showed when it last went all the way is remembered.

The memory lies with the source's asset, which only a successful `release` updates: a failed
transform or unload leaves the older memory, and the next run does it all.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from airflow.sdk import Context, DagRunState
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include import warehouse
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.params import SKIP_PUBLISHING, asked_for
from include.times import utc_now

_ROOT = Path(__file__).parents[2]
# What decides what a run does. dbt writes into its own project: those folders are left out.
_FOLDERS = ("dags", "include", "plugins")
_KINDS = {".py", ".sql", ".yml", ".yaml", ".pem"}
_MADE = {"target", "logs", "dbt_packages", "__pycache__"}


def deployed_code() -> str:
    """The fingerprint of the deployed code, its pinned packages and its environment.

    Two tasks get the same one where the same code works on the same schemas.

    Returns:
        16 hexadecimal digits.
    """
    names = f"{warehouse.environment()} {warehouse.schema_prefix()}"
    return hashlib.sha256(f"{_files(_ROOT)} {names}".encode()).hexdigest()[:16]


@cache
def _files(root: Path) -> str:
    return fingerprint(root)


def fingerprint(root: Path) -> str:
    """The hash of a project's code files, by path and content."""
    found = [root / "requirements.txt"]
    for folder in _FOLDERS:
        found += (path for path in (root / folder).rglob("*") if path.suffix in _KINDS)
    hashed = hashlib.sha256()
    for path in sorted(found):
        relative = path.relative_to(root)
        if path.is_file() and _MADE.isdisjoint(relative.parts):
            hashed.update(f"{relative.as_posix()}\0".encode())
            hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()


log = logging.getLogger(__name__)

# The metrics of a source without an edit time carry the time of its load, and promise to be daily.
# After 20 hours the same rows are loaded again: four hourly runs are left before a day is over. dbt
# warns of raw tables that were not loaded for three days, the watch of metrics older than four.
RELOAD_AFTER = timedelta(hours=20)

# The tasks that read a source, by how their ids begin, and what is kept of their reports.
READERS = ("load", "wait_for_sync")
EDITED_AT, LOADED_AT, CONTENT_HASH = KEPT = ("source_edited_at", "loaded_at", "content_hash")
CODE, SEEN = "code", "seen"

Seen = dict[str, dict[str, Any]]


def remember(source: str) -> Any:
    """What `release` does when it is done: keep what the run has read with the source's asset."""

    def keep(context: Context, result: Any = None) -> None:
        readers = [one for one in context["dag"].task_ids if one.startswith(READERS)]
        reports = {one: context["ti"].xcom_pull(task_ids=one) for one in readers}
        context["outlet_events"][SOURCE_ASSETS[source]].extra = {
            SEEN: {
                task: {name: report.get(name) for name in KEPT}
                for task, report in reports.items()
                if report
            },
            CODE: deployed_code(),
            SKIP_PUBLISHING: asked_for(context).skip_publishing,
        }

    return keep


def last_seen(context: Context, source: str) -> Seen:
    """What the present code last carried all the way, by the task that read it.

    The task at hand needs the source's asset among its inlets.

    Returns:
        For each of the run's readers `source_edited_at`, `loaded_at` (ISO 8601 in UTC) and
        `content_hash`, as far as it reported them; nothing if other code is deployed since.
    """
    events = context["inlet_events"][SOURCE_ASSETS[source]]
    newest: list[Any] = list(events.ascending(False).limit(1))
    if not newest or newest[0].extra.get(CODE) != deployed_code():
        return {}
    seen: Seen = newest[0].extra.get(SEEN) or {}
    return seen


def reason_to_run(context: Context, last: object) -> str | None:
    """Why everything runs, whatever the source shows; `None` where the source is asked.

    Args:
        last: What is remembered of the source; false if there is nothing to compare it with.
    """
    form = asked_for(context)
    logical_date = context["dag_run"].logical_date
    before = context["ti"].get_previous_dagrun() if logical_date else None
    reasons = {
        "A full load was asked for": form.force_full_load,
        "A drop in rows was accepted": form.accept_drop,
        "The task was cleared or tried again": context["ti"].try_number > 1,
        "No load of this code has gone all the way": not last,
        "A run without a logical date knows of none before it": logical_date is None,
        "The run before did not succeed": before and before.state != DagRunState.SUCCESS,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def reason_of_age(seen: Seen) -> str | None:
    """Why a source is loaded although it may show the same rows: its last load is too old."""
    times = [one[LOADED_AT] for one in seen.values() if one[LOADED_AT]]
    if times and utc_now() - datetime.fromisoformat(min(times)) < RELOAD_AFTER:
        return None
    return f"The last load is older than {RELOAD_AFTER.total_seconds() / 3600:.0f} hours"


def skip_the_rest(context: Context, reason: str) -> NoReturn:
    """End the task at hand well, and skip every task after it.

    Each of them can be cleared by itself and then runs: what was skipped has not failed.

    Args:
        reason: Why nothing needs to be done, without a full stop; kept as `skipped_because`.

    Raises:
        DownstreamTasksSkipped: Always; it is how Airflow is told.
    """
    log.info("%s. The rest is skipped; force it from the run form.", reason)
    context["ti"].xcom_push(key="skipped_because", value=reason)
    after = context["task"].get_flat_relatives(upstream=False)
    raise DownstreamTasksSkipped(  # type: ignore[no-untyped-call]
        tasks=[one.task_id for one in after]
    )

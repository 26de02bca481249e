"""The run form of a source's DAG, as Airflow's UI shows it under *Trigger*."""

from dataclasses import dataclass
from typing import Any

from airflow.sdk import Context, Param

FORCE_FULL_LOAD = "force_full_load"
ACCEPT_DROP = "accept_drop"
SKIP_PUBLISHING = "skip_publishing"

_FORCE = Param(
    False,
    type="boolean",
    title="Force a full load",
    description="Load, transform and unload even if the source shows nothing new.",
)
_ACCEPT = Param(
    None,
    type=["null", "string"],
    minLength=10,
    maxLength=500,
    title="Accept a drop in rows",
    description=(
        "Why far fewer rows than before are right, in a sentence: who confirmed it, and how. "
        "For example: Pasadena's planning office withdrew 40 duplicate permits, by phone on 3 "
        "March. It holds for this run only and is kept in the load log. Leave it empty otherwise."
    ),
)

_SKIP = Param(
    False,
    type="boolean",
    title="Do not publish",
    description=(
        "Load, test and release this source's own file, but start no publication. The next one, of "
        "any source, includes the new values: hold publishing in restore_metrics to prevent that."
    ),
)

# Fivetran's own table is not ours to refuse: a sync has no drop in rows to accept.
SYNC_FORM: dict[str, Any] = {FORCE_FULL_LOAD: _FORCE, SKIP_PUBLISHING: _SKIP}
LOAD_FORM: dict[str, Any] = {
    FORCE_FULL_LOAD: _FORCE,
    ACCEPT_DROP: _ACCEPT,
    SKIP_PUBLISHING: _SKIP,
}


@dataclass(frozen=True)
class Asked:
    """What a person asked for in the run form.

    Attributes:
        force_full_load: Run all the way even if the source has not changed.
        accept_drop: Why far fewer rows are right, and who says so; `None` if nobody does.
        skip_publishing: Start no publication.
    """

    force_full_load: bool = False
    accept_drop: str | None = None
    skip_publishing: bool = False


def asked_for(context: Context) -> Asked:
    """What the run's form holds; a DAG without a form asks for nothing."""
    params = context["params"]
    reason = str(params.get(ACCEPT_DROP) or "").strip()
    person = getattr(context["dag_run"], "triggering_user_name", None)
    signed = f"{reason} (accepted by {person})" if person else reason
    return Asked(
        bool(params.get(FORCE_FULL_LOAD)),
        signed if reason else None,
        bool(params.get(SKIP_PUBLISHING)),
    )

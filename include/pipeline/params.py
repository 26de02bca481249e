"""The parameters of a source's DAG, which Airflow's UI shows under *Trigger*."""

from collections.abc import Mapping
from dataclasses import dataclass

from airflow.sdk import Context, Param

FORCE_FULL_LOAD = "force_full_load"
ACCEPT_DROP = "accept_drop"
SKIP_PUBLISHING = "skip_publishing"

_FORCE = Param(
    False,
    type="boolean",
    title="Force a full load",
    description="Load, transform, unload and release even if the source has not changed.",
)
_ACCEPT = Param(
    None,
    type=["null", "string"],
    minLength=10,
    maxLength=500,
    title="Accept a drop in rows",
    description=(
        "The reason why far fewer rows are correct, and who confirmed it. For example: Pasadena's "
        "planning office withdrew 40 duplicate permits, confirmed by phone on 3 March. It applies "
        "to this run only and is stored in the load log. Leave it empty otherwise."
    ),
)
_SKIP = Param(
    False,
    type="boolean",
    title="Do not publish at once",
    description=(
        "Load, test and release this source's own file, but start no publication. The next one, "
        "within half an hour by the clock, includes the new values; to prevent that, hold "
        "publishing with restore_metrics."
    ),
)

# A sync has no drop to accept: Fivetran writes the table, and this pipeline cannot refuse its rows.
SYNC_PARAMS: Mapping[str, Param] = {FORCE_FULL_LOAD: _FORCE, SKIP_PUBLISHING: _SKIP}
LOAD_PARAMS: Mapping[str, Param] = {
    FORCE_FULL_LOAD: _FORCE,
    ACCEPT_DROP: _ACCEPT,
    SKIP_PUBLISHING: _SKIP,
}


@dataclass(frozen=True)
class RunParams:
    """The parameters of a run.

    Attributes:
        force_full_load: Run every task even if the source has not changed.
        accept_drop: Why far fewer rows are correct, and who says so; `None` if nobody does.
        skip_publishing: Start no publication.
    """

    force_full_load: bool = False
    accept_drop: str | None = None
    skip_publishing: bool = False


def run_params(context: Context) -> RunParams:
    """The parameters of the task's run; the defaults if its DAG has none."""
    params = context["params"]
    reason = str(params.get(ACCEPT_DROP) or "").strip()
    person = triggered_by(context)
    signed = f"{reason} (accepted by {person})" if person else reason
    return RunParams(
        bool(params.get(FORCE_FULL_LOAD)),
        signed if reason else None,
        bool(params.get(SKIP_PUBLISHING)),
    )


def triggered_by(context: Context) -> str | None:
    """The name of the person who triggered the run; `None` if a schedule or an asset did."""
    return context["dag_run"].triggering_user_name

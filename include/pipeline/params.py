"""The parameters of a source's DAG, which Airflow's UI shows under *Trigger*."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from airflow.sdk import Context, Param

from include.loaders.settings import Setting, settings_of
from include.sources import Source

FORCE_FULL_LOAD = "force_full_load"
ACCEPT_DROP = "accept_drop"
SKIP_PUBLISHING = "skip_publishing"
# A layer has every setting, a list some of them.
SETTINGS = tuple(settings_of("arcgis"))

# Airflow's form marks a field with a star, as required, unless its type allows null.
SWITCH = ["null", "boolean"]

_FORCE = Param(
    False,
    type=SWITCH,
    title="Force a full load",
    description=(
        "Load, transform, unload and release even if the source has not changed. The public file "
        "changes only if the values did, and after the tests and the audit."
    ),
)
_ACCEPT = Param(
    None,
    type=["null", "string"],
    minLength=10,
    maxLength=500,
    title="Accept a drop in rows",
    description=(
        "The reason why far fewer rows are correct, and who confirmed it, in 10 to 500 characters. "
        "For example: Pasadena's planning office withdrew 40 duplicate permits, confirmed by phone "
        "on 3 March. It applies to this run only and is stored in the load log. The lower counts "
        "then reach the audit of the public file, which asks a person again if they are "
        "suspicious. Leave it empty otherwise."
    ),
)
_SKIP = Param(
    False,
    type=SWITCH,
    title="Do not publish at once",
    description=(
        "Load, test and release this source's own file, but start no publication: the public file "
        "stays as it is for now. The next publication, within half an hour by the clock, includes "
        "the new values; to prevent that, hold publishing with restore_metrics."
    ),
)


@dataclass(frozen=True)
class RunParams:
    """The parameters of a run.

    Attributes:
        force_full_load: Run every task even if the source has not changed.
        accept_drop: Why far fewer rows are correct, and who says so; `None` if nobody does.
        skip_publishing: Start no publication.
        settings: How to read the source, by the names in `include/loaders/settings.py`; those that
            nobody has set are left out.
    """

    force_full_load: bool = False
    accept_drop: str | None = None
    skip_publishing: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


def params_of(source: Source) -> dict[str, Param]:
    """The parameters of a source's DAG.

    A sync has no drop to accept and no settings: Fivetran reads the source and writes the table.
    """
    if source.is_synced:
        return {FORCE_FULL_LOAD: _FORCE, SKIP_PUBLISHING: _SKIP}
    settings = {name: _param(setting) for name, setting in settings_of(source.kind).items()}
    return {FORCE_FULL_LOAD: _FORCE, ACCEPT_DROP: _ACCEPT, SKIP_PUBLISHING: _SKIP, **settings}


def _param(setting: Setting) -> Param:
    return Param(
        None,
        type=["null", "integer" if setting.is_whole else "number"],
        minimum=setting.minimum,
        maximum=setting.maximum,
        title=setting.title,
        description=(
            f"{setting.help} From {setting.minimum:,} to {setting.maximum:,}. It applies to this "
            "run only; leave it empty otherwise."
        ),
    )


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
        {name: params[name] for name in SETTINGS if params.get(name) is not None},
    )


def triggered_by(context: Context) -> str | None:
    """The name of the person who triggered the run; `None` if a schedule or an asset did."""
    return context["dag_run"].triggering_user_name

"""The parameters of every DAG that a person starts with a form."""

from collections.abc import Mapping

from airflow.sdk import Param

from include.pipeline import RELEASE_PARAMS, RESTORE_PARAMS, SEVERITY_PARAMS
from include.pipeline.params import params_of
from include.sources import SOURCES

FORMS: dict[str, Mapping[str, Param]] = {
    **{source: params_of(SOURCES[source]) for source in SOURCES},
    "restore_metrics": RESTORE_PARAMS,
    "release_hold": RELEASE_PARAMS,
    "set_severity": SEVERITY_PARAMS,
}

"""Task factories, defaults and parameters for the DAG files.

Only this package connects Airflow with the loaders, dbt, the unload and the publication.
"""

from include.pipeline.approve import ask, promote_if_approved
from include.pipeline.audit import ask_a_person, audit_candidate
from include.pipeline.defaults import (
    DAILY,
    EVERY_15_MINUTES,
    MANUAL,
    ON_ANY_SOURCE_AND_BY_THE_CLOCK,
)
from include.pipeline.monitor import (
    keep_incident_log,
    watch_credits,
    watch_dags,
    watch_public_file,
)
from include.pipeline.promote import promote_candidate, record_published, verify_served
from include.pipeline.restore import (
    RELEASE_PARAMS,
    RESTORE_PARAMS,
    choose_version,
    confirm_version,
    publish_released,
    release_hold,
    restore_version,
)
from include.pipeline.set_severity import SEVERITY_PARAMS, set_severity
from include.pipeline.source_dag import source_dag
from include.pipeline.transform import check_freshness, transform
from include.pipeline.unload import unload
from include.pipeline.wait_for_sources import wait_for_sources

__all__ = [
    "DAILY",
    "EVERY_15_MINUTES",
    "MANUAL",
    "ON_ANY_SOURCE_AND_BY_THE_CLOCK",
    "RELEASE_PARAMS",
    "RESTORE_PARAMS",
    "SEVERITY_PARAMS",
    "ask",
    "ask_a_person",
    "audit_candidate",
    "check_freshness",
    "choose_version",
    "confirm_version",
    "keep_incident_log",
    "promote_candidate",
    "promote_if_approved",
    "publish_released",
    "record_published",
    "release_hold",
    "restore_version",
    "set_severity",
    "source_dag",
    "transform",
    "unload",
    "verify_served",
    "wait_for_sources",
    "watch_credits",
    "watch_dags",
    "watch_public_file",
]

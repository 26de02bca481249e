"""The release of a source: its own file, checked against the contract and served in one step."""

from time import monotonic

import structlog
from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.pipeline.change_detection import remember
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.lineage import candidates_of, emit_lineage
from include.publishing.contract import ContractError
from include.publishing.names import (
    CANDIDATES_CONTAINER,
    PUBLIC_CONTAINER,
    candidate_file,
    source_file,
)
from include.publishing.promotion import OlderError, replace_source_file
from include.publishing.store import Place
from include.sources import Source
from include.storage import open_store
from include.times import utc_now

log = structlog.get_logger(__name__)


def release_source(source: Source) -> XComArg:
    """A task `release` that replaces `sources/<source>.json`, then updates the source's asset."""

    @task(outlets=[SOURCE_ASSETS[source.name]], post_execute=remember(source))
    def release() -> int:
        began, run_id = monotonic(), get_current_context()["run_id"]
        candidate = Place(CANDIDATES_CONTAINER, candidate_file(source.mart, run_id))
        try:
            metrics = replace_source_file(open_store(), candidate, source.name, utc_now())
        except OlderError as error:
            raise AirflowSkipException(f"{error}: the newer ones stay.") from error
        except ContractError as error:
            # A retry would read the same candidate: a person has to act first.
            raise AirflowFailException(str(error)) from error
        released = Place(PUBLIC_CONTAINER, source_file(source.name))
        emit_lineage(reads=[candidates_of(candidate)], writes=[released])
        seconds = round(monotonic() - began, 3)
        log.info(
            "released",
            source=source.name,
            file=released.path,
            rows=len(metrics),
            seconds=seconds,
        )
        return len(metrics)

    return release()

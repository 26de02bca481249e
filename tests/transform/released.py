"""The sources' released files, in a container that no other test reads."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from include import warehouse
from include.publishing.names import source_file
from include.sources import SOURCES
from local.azurite import client
from local.credentials import BLOB_ACCOUNT
from local.ports import HOST
from tests.transform.project import Project
from tests.transform.raw_tables import Row
from tests.transform.rows import EXPECTED

CONTAINER: Final = "released-in-transform"
# The sources whose small data a person has counted.
COUNTED: Final = [name for name, source in SOURCES.items() if source.mart in EXPECTED]


def metric(name: str, value: float, time: str) -> Row:
    """A metric as a released file has it."""
    return {
        "METRIC_NAME": name,
        "METRIC_VALUE": value,
        "METRIC_TYPE": "count" if value == int(value) else "dollars - millions",
        "METRIC_UNIT_LABEL": "things",
        "UPDATE_FREQUENCY": "daily",
        "LAST_UPDATED": time,
    }


def metrics_of(source: str) -> list[Row]:
    """The metrics that a person counted in a source's small data."""
    counted = EXPECTED[SOURCES[source].mart]
    return [metric(name, value, f"{time}Z") for name, (value, time) in counted.items()]


def release(project: Project, files: Mapping[str, Sequence[Row] | str]) -> None:
    """Replace all released files; a text is written as it is.

    Args:
        project: The project whose stage reads them.
        files: The metrics of each source.
    """
    container = client(project.cloud.url("blob")).get_container_client(CONTAINER)
    if not container.exists():
        container.create_container()
    for blob in container.list_blob_names():
        container.delete_blob(blob)
    for source, metrics in files.items():
        text = metrics if isinstance(metrics, str) else json.dumps(metrics)
        container.upload_blob(source_file(source), text)


def release_all(project: Project) -> None:
    """Release what a person counted in the small data, as every source."""
    release(project, {source: metrics_of(source) for source in COUNTED})


def read_own_files(project: Project) -> None:
    """Let the project's stage read these files, not those of the cloud's other tests."""
    with project.environment():
        name = warehouse.released_stage()
    url = f"azure://{HOST}:{project.cloud.ports.blob}/{BLOB_ACCOUNT}/{CONTAINER}/sources/"
    file_format = "FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)"
    project.execute(f"CREATE OR REPLACE STAGE {name} URL = '{url}' {file_format}")

"""Which tests one process of the test run gets together."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Folders whose tests share what is made once in a process, by what it is.
SHARED = {
    "tests/transform": "one build of the dbt project",
    "tests/whole_dags": "Airflow in this process, and dbt's parsed project",
    "tests/chaos": "Airflow in this process, and dbt's parsed project",
}


class BySharing(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests share its fixtures; those of some folders share more.

    pytest-xdist's own groups do nothing under pytest 9.2: pytest-dev/pytest-xdist#1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        folder = "/".join(file.split("/")[:2])
        return SHARED.get(folder, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Hand out tests by what they share."""
    return BySharing(config, log)

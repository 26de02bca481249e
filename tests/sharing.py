"""Distributes tests to processes so that tests which share expensive fixtures run in one."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Folders whose tests share something that a process makes once, and what they share.
SHARED = {
    "tests/transform": "one build of the dbt project",
    "tests/whole_dags": "Airflow in this process, and dbt's parsed project",
    "tests/stories": "Airflow in this process, and dbt's parsed project",
    "tests/chaos": "Airflow in this process, and dbt's parsed project",
}


class BySharing(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests share its fixtures; those of some folders share more.

    pytest-xdist's groups have no effect with pytest 9.2: pytest-dev/pytest-xdist#1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        folder = "/".join(file.split("/")[:2])
        return SHARED.get(folder, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Distribute tests by what they share."""
    return BySharing(config, log)

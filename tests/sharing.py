"""Which tests one process of the test run gets together."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


class BySharing(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests share its fixtures; those of the dbt project share one build of it.

    pytest-xdist's own groups do nothing under pytest 9.2: pytest-dev/pytest-xdist#1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "tests/transform" if file.startswith("tests/transform/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Hand out tests by what they share."""
    return BySharing(config, log)

"""Which tests need servers, which come first, and which run in one process."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tests that start a cloud or other programs of their own, beside those that ask for `cloud`.
OWN_PROGRAMS = (
    "tests/browser/",
    "tests/documents/test_add_a_metric.py",
    "tests/end_to_end/",
    "tests/local/cloud/",
    "tests/terraform/",
    "tests/test_cleanup.py",
    "tests/tools/new_source/",
)

# The longest tests start first, in this order, so that they do not end last. Those that begin with
# every DAG's first run follow one another, before other tests reset the cloud.
FIRST = (
    "test_make_run", "test_chains", "test_quiet_hour", "whole_dags", "test_two_workers", "stories",
    "tests/transform/", "chaos", "test_accessibility", "add_a_metric", "test_whole_run",
    "test_faults", "test_on_the_laptop",
)  # fmt: skip

# Folders whose tests share something that a process makes once, and what they share.
SHARED = {
    "tests/transform": "one build of the dbt project",
    "tests/whole_dags": "the first runs of every DAG",
    "tests/stories": "Airflow in this process",
    "tests/chaos": "Airflow in this process",
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need servers; start with the longest tests."""
    for item in items:
        asks = "cloud" in getattr(item, "fixturenames", ())
        if asks or item.nodeid.startswith(OWN_PROGRAMS):
            item.add_marker("cloud")
    items.sort(key=lambda item: [name not in item.nodeid.split("::")[0] for name in FIRST])

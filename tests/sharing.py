"""Which tests are slow, which come first, and which run in one process."""

import os

import psutil
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tests that start a cloud or other programs of their own, beside those that ask for `cloud`.
OWN_PROGRAMS = (
    "tests/browser/",
    "tests/ci/",
    "tests/dags/test_parsing.py",
    "tests/dashboard/test_docs.py::test_the_app_needs_only_the_deployed_files",
    "tests/documents/test_add_a_metric.py",
    "tests/documents/test_documents.py::test_a_marked_block_runs",
    "tests/documents/test_rotation.py",
    "tests/end_to_end/",
    "tests/local/cloud/",
    "tests/local/plugins/",
    "tests/loaders/test_cli.py::test_a_source_can_be_saved_without_a_warehouse",
    "tests/terraform/",
    "tests/test_cleanup.py",
    "tests/test_sharing.py",
    "tests/tools/new_source/",
    "tests/tools/test_site.py",
    "tests/ui/test_pages.py::test_links_and_views_work_under_a_path_prefix",
    "tests/ui/test_pages.py::test_the_plugin_does_not_import_the_pages",
)

# Tests without programs that would make the quick ones long: much data, pictures, random input.
LONG = (
    "tests/dashboard/analyses/",
    "tests/dependencies/test_pins_on_other_pythons.py",
    "tests/incidents/test_stories",
    "tests/loaders/test_fuzz_layers.py",
    "tests/local/data/",
    "tests/tools/cutover/",
    "tests/tools/test_mutants.py",
)

# The longest tests start first, in this order, so that they do not end last. Those that begin with
# every DAG's first run follow one another, before other tests reset the cloud.
FIRST = (
    "test_make_run", "test_chains", "test_quiet_hour", "whole_dags", "test_two_workers", "stories",
    "tests/transform/", "chaos", "tests/browser/", "add_a_metric", "test_whole_run",
    "test_faults", "test_on_the_laptop", "tests/ui/",
)  # fmt: skip

# What a process of slow tests takes with its servers: three took 6.4 GB on two cores.
MEMORY = 2 * 2**30

# Folders whose tests share something that a process makes once, and what they share.
SHARED = {
    "tests/transform": "one build of the dbt project",
    "tests/ui": "one API server of Airflow",
    "tests/whole_dags": "the first runs of every DAG",
    "tests/local/data": "the generated folder",
    "tests/stories": "Airflow in this process",
    "tests/chaos": "Airflow in this process",
    "tests/browser": "one window of Chromium",
}


class BySharing(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests share its fixtures; those of some folders share more.

    pytest-xdist's groups have no effect with pytest 9.2: pytest-dev/pytest-xdist#1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        shared = (what for folder, what in SHARED.items() if file.startswith(f"{folder}/"))
        return next(shared, file)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The processes of `make test`: one for each core.

    The slow tests, which wait for servers, have one more, as far as the memory suffices.
    """
    cores = os.cpu_count() or 1
    if "not slow" in config.option.markexpr:
        return cores
    return max(1, min(cores + 1, psutil.virtual_memory().total // MEMORY))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Distribute tests by what they share."""
    return BySharing(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests; start with the longest."""
    for item in items:
        asks = "cloud" in getattr(item, "fixturenames", ())
        if asks or item.nodeid.startswith(OWN_PROGRAMS + LONG):
            item.add_marker("slow")
    items.sort(key=lambda item: [name not in item.nodeid.split("::")[0] for name in FIRST])

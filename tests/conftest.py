"""The fixtures of all tests.

`astro dev pytest` runs the tests in the production image, which has neither the laptop's code nor
the packages of `requirements-dev.txt`. There only the tests that need neither are collected.
"""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A laptop's `.env` has another PYTHONPATH than the image. And without `pyproject.toml` pytest puts
# this folder first, where `tests/local` and `tests/dags` would pass for `local` and `dags`.
sys.path[:] = [str(ROOT), *(path for path in sys.path if path != str(ROOT / "tests"))]

from tests.publishing.memory_store import MemoryStore, memory_store  # noqa: E402

if (ROOT / "local").is_dir():
    # Helpers that assert: pytest rewrites them so that a failure shows the compared values.
    pytest.register_assert_rewrite(
        *(f"tests.end_to_end.{name}" for name in ("one_writer", "publication", "scheduled")),
        "tests.end_to_end.telemetry",
    )
    from tests.one_cloud import (  # noqa: F401
        airflow_database,
        azure_store,
        cloud,
        parsed_project,
        pytest_collection_finish,
        slack,
    )
    from tests.sharing import (  # noqa: F401
        pytest_collection_modifyitems,
        pytest_xdist_auto_num_workers,
        pytest_xdist_make_scheduler,
    )
else:
    from tests.astro.collection import (  # type: ignore[assignment]  # noqa: F401
        pytest_collection_modifyitems,
        pytest_configure,
        pytest_ignore_collect,
        pytest_report_collectionfinish,
    )


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryStore]:
    """An empty storage account in memory, which `open_store` opens too."""
    with memory_store() as made:
        monkeypatch.setattr("include.publishing.azure_store.AzureStore", lambda service: made)
        yield made


@pytest.fixture(autouse=True)
def no_remembered_secrets() -> Iterator[None]:
    """Airflow masks each secret that it has seen, also in what later tests read."""
    yield
    for name in ("airflow._shared", "airflow.sdk._shared"):
        if masker := sys.modules.get(f"{name}.secrets_masker.secrets_masker"):
            masker.reset_secrets_masker()


@pytest.fixture
def signals_of_a_terminal() -> Iterator[None]:
    """Signals as in a terminal: a test run of `nohup`, or in the background, ignores some."""
    numbers = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)

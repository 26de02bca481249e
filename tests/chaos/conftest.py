"""A cloud without any data of earlier tests, and short waits."""

from collections.abc import Iterator

import pytest
from azure.storage.blob import ExponentialRetry

from include.loaders.arcgis import pages
from local.cloud import Cloud
from local.faults import clear_faults
from tests.whole_dags.conftest import make_fresh


@pytest.fixture
def fresh(cloud: Cloud, parsed_project: None) -> Iterator[Cloud]:
    """The cloud with an empty warehouse, no blobs, no faults and the small data."""
    make_fresh(cloud)
    yield cloud
    clear_faults(cloud.home.faults)
    make_fresh(cloud)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits between retries: two days pass in minutes."""
    monkeypatch.setattr(ExponentialRetry, "get_backoff_time", lambda *_: 0.1)
    monkeypatch.setattr(pages, "PAUSE", 0.05)

"""Chaos begins with a cloud that nothing has happened to yet."""

from collections.abc import Iterator

import pytest
from azure.storage.blob import ExponentialRetry

from include.loaders.arcgis import reader
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
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days pass in minutes: nobody waits for a service that will not be better by then."""
    monkeypatch.setattr(ExponentialRetry, "get_backoff_time", lambda *_: 0.1)
    monkeypatch.setattr(reader, "PAUSE", 0.05)

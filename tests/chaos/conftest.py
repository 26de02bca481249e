"""Chaos begins with a cloud that nothing has happened to yet."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from local.faults import clear_faults
from tests.end_to_end.conftest import make_fresh


@pytest.fixture
def fresh(cloud: Cloud, airflow_database: None) -> Iterator[Cloud]:
    """The cloud with an empty warehouse, no blobs, no faults and the small data."""
    make_fresh(cloud)
    yield cloud
    clear_faults(cloud.home.faults)
    make_fresh(cloud)

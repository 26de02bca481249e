"""A storage account with nothing in it."""

from collections.abc import Iterator

import pytest

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from include.publishing.store import Store
from local.azurite import client
from local.cloud import Cloud


@pytest.fixture
def store(cloud: Cloud) -> Iterator[Store]:
    service = client(cloud.url("blob"))
    for name in (PUBLIC_CONTAINER, CANDIDATES_CONTAINER, VERSIONS_CONTAINER):
        container = service.get_container_client(name)
        for blob in list(container.list_blobs()):
            container.delete_blob(blob.name)
    yield Store(service)
    service.close()

"""The blobs of a storage account: all deleted, or put back as they were at one moment."""

from dataclasses import dataclass

from azure.storage.blob import BlobServiceClient, ContentSettings

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER

CONTAINERS = (PUBLIC_CONTAINER, CANDIDATES_CONTAINER, VERSIONS_CONTAINER)


@dataclass(frozen=True)
class SavedBlob:
    """A blob as it was."""

    container: str
    name: str
    content: bytes
    metadata: dict[str, str]
    headers: ContentSettings


def save_blobs(service: BlobServiceClient) -> list[SavedBlob]:
    """Every blob of the pipeline's containers."""
    found = []
    for name in CONTAINERS:
        container = service.get_container_client(name)
        for blob in list(container.list_blobs(include=["metadata"])):
            content = container.download_blob(blob.name).readall()
            headers = ContentSettings(
                content_type=blob.content_settings.content_type,
                cache_control=blob.content_settings.cache_control,
            )
            found.append(SavedBlob(name, blob.name, content, blob.metadata or {}, headers))
    return found


def delete_blobs(service: BlobServiceClient) -> None:
    """Delete every blob of the pipeline's containers."""
    for name in CONTAINERS:
        container = service.get_container_client(name)
        for blob in list(container.list_blob_names()):
            container.delete_blob(blob)


def put_back(service: BlobServiceClient, saved: list[SavedBlob]) -> None:
    """Delete every blob, and write those that were saved."""
    delete_blobs(service)
    for one in saved:
        service.get_blob_client(one.container, one.name).upload_blob(
            one.content, metadata=one.metadata, content_settings=one.headers
        )

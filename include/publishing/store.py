"""The storage account: files with their metadata, and copies that the account makes itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import (
    BlobClient,
    BlobSasPermissions,
    BlobServiceClient,
    ContentSettings,
    generate_blob_sas,
)

from include.publishing.errors import ChangedMeanwhileError, MissingFileError

# A page asks again after a minute at most, so that a restored version is seen within one.
PUBLIC_HEADERS = ContentSettings(
    content_type="application/json", cache_control="public, max-age=60, must-revalidate"
)
# For how long the account may read the source of a copy; it does so at once.
_READABLE_FOR = timedelta(minutes=5)


class Place(NamedTuple):
    """Where a file is: its container, and its path in it."""

    container: str
    path: str


@dataclass(frozen=True)
class Stored:
    """A file as it was read."""

    content: bytes
    etag: str
    metadata: dict[str, str]
    modified_at: datetime

    @property
    def sha256(self) -> str:
        """The hash of the content, hexadecimal."""
        return sha256(self.content).hexdigest()


class Store:
    """A storage account, through the credentials of a `BlobServiceClient`."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._service = service

    def read(self, place: Place) -> Stored | None:
        """A file with its metadata; null if there is none."""
        try:
            found = self._blob(place).download_blob()
            content = found.readall()
        except ResourceNotFoundError:
            return None
        properties = found.properties
        return Stored(
            content, properties.etag, _unquoted(properties.metadata), properties.last_modified
        )

    def need(self, place: Place) -> Stored:
        """A file that has to be there.

        Raises:
            MissingFileError: It is not.
        """
        found = self.read(place)
        if found is None:
            raise MissingFileError(f"There is no {place.path} in the container {place.container}.")
        return found

    def list(self, container: str) -> dict[str, dict[str, str]]:
        """The metadata of a container's files by path, in the order of their paths."""
        found = self._service.get_container_client(container).list_blobs(include=["metadata"])
        return {blob.name: _unquoted(blob.metadata) for blob in found}

    def write(self, place: Place, content: bytes) -> None:
        """Write a small file of our own, whole."""
        self._blob(place).upload_blob(content, overwrite=True, content_settings=PUBLIC_HEADERS)

    def replace(self, place: Place, content: bytes, *, replacing: str | None) -> None:
        """Write a small file of our own, unless somebody else wrote it meanwhile.

        Args:
            replacing: The ETag of the file that may be replaced; null if there may be none.

        Raises:
            ChangedMeanwhileError: Another file is there; nothing was written.
        """
        try:
            self._blob(place).upload_blob(
                content,
                overwrite=replacing is not None,
                content_settings=PUBLIC_HEADERS,
                **(_only_over(replacing) if replacing is not None else {}),
            )
        except (ResourceModifiedError, ResourceExistsError) as error:
            raise _changed(place) from error

    def label(self, place: Place, metadata: Mapping[str, str]) -> None:
        """Replace a file's metadata."""
        self._blob(place).set_blob_metadata(_quoted(metadata))

    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        """The paths of a folder's files, in their order."""
        found = self._service.get_container_client(container)
        return tuple(found.list_blob_names(name_starts_with=f"{folder}/"))

    def delete(self, place: Place) -> None:
        """Delete a file, if it is there."""
        try:
            self._blob(place).delete_blob()
        except ResourceNotFoundError:
            return

    def serve_as_json(self, place: Place) -> None:
        """Give a file the headers that it is to be served with; copies of it keep them.

        Snowflake unloads to Azure as a plain stream of bytes and offers no option for it.
        """
        self._blob(place).set_http_headers(PUBLIC_HEADERS)

    def copy(
        self, source: Place, target: Place, metadata: Mapping[str, str], *, replacing: str | None
    ) -> None:
        """Have the account copy a file in one atomic step, headers included.

        Args:
            metadata: The target's metadata.
            replacing: The ETag of the file that may be replaced; null if there may be none.

        Raises:
            ChangedMeanwhileError: Another file is there; nothing was copied.
        """
        try:
            self._blob(target).start_copy_from_url(
                self._readable(source),
                metadata=_quoted(metadata),
                requires_sync=True,
                **_only_over(replacing),
            )
        except (ResourceModifiedError, ResourceExistsError) as error:
            raise _changed(target) from error

    def public_url(self, place: Place) -> str:
        """Where anyone reads a file of a public container."""
        return str(self._blob(place).url)

    def _blob(self, place: Place) -> BlobClient:
        return self._service.get_blob_client(place.container, place.path)

    def _readable(self, place: Place) -> str:
        """An address by which the account itself may read the file, for some minutes."""
        start = datetime.now(UTC)
        until = start + _READABLE_FOR
        key = getattr(self._service.credential, "account_key", None)
        by = (
            {"account_key": key}
            if key
            else {"user_delegation_key": self._service.get_user_delegation_key(start, until)}
        )
        signature = generate_blob_sas(
            str(self._service.account_name),
            place.container,
            place.path,
            permission=BlobSasPermissions(read=True),
            expiry=until,
            **by,
        )
        return f"{self._blob(place).url}?{signature}"


def _only_over(etag: str | None) -> dict[str, Any]:
    """The condition that a file is still the one of this ETag; null: that there is none."""
    if etag is None:
        return {"match_condition": MatchConditions.IfMissing}
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def _changed(place: Place) -> ChangedMeanwhileError:
    return ChangedMeanwhileError(
        f"{place.path} in {place.container} is not the file that was looked at any more."
    )


def _quoted(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata travels in headers: plain ASCII only."""
    return {name: quote(value) for name, value in metadata.items()}


def _unquoted(metadata: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: unquote(value or "") for name, value in (metadata or {}).items()}

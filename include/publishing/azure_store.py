"""The storage account in Azure Blob Storage, through Azure's client library."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
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

from include.publishing.store import (
    CACHE_CONTROL,
    ChangedMeanwhileError,
    Place,
    Store,
    Stored,
    missing,
)

PUBLIC_HEADERS = ContentSettings(content_type="application/json", cache_control=CACHE_CONTROL)
# How long the account may read the source of a copy; it reads it at once.
_READABLE_FOR = timedelta(minutes=5)


class AzureStore(Store):
    """A storage account, with the credentials of a `BlobServiceClient`."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._service = service

    @property
    def account(self) -> str:
        return str(self._service.account_name)

    def read(self, place: Place) -> Stored | None:
        try:
            found = self._blob(place).download_blob()
            content = found.readall()
        except ResourceNotFoundError:
            return None
        properties = found.properties
        return Stored(
            content, properties.etag, _unquoted(properties.metadata), properties.last_modified
        )

    def list(self, container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        found = self._service.get_container_client(container).list_blobs(
            name_starts_with=prefix or None, include=["metadata"]
        )
        return {blob.name: _unquoted(blob.metadata) for blob in found}

    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        found = self._service.get_container_client(container)
        return tuple(found.list_blob_names(name_starts_with=f"{folder}/"))

    def write(
        self, place: Place, content: bytes, metadata: Mapping[str, str] | None = None
    ) -> None:
        self._blob(place).upload_blob(
            content,
            overwrite=True,
            metadata=_quoted(metadata or {}),
            content_settings=PUBLIC_HEADERS,
        )

    def replace(self, place: Place, content: bytes, *, replacing: str | None) -> None:
        try:
            self._blob(place).upload_blob(
                content,
                overwrite=replacing is not None,
                content_settings=PUBLIC_HEADERS,
                **_only_over(replacing),
            )
        except (ResourceModifiedError, ResourceExistsError) as error:
            raise _changed(place) from error

    def delete(self, place: Place) -> None:
        with suppress(ResourceNotFoundError):
            self._blob(place).delete_blob()

    def serve_as_json(self, place: Place) -> None:
        try:
            self._blob(place).set_http_headers(PUBLIC_HEADERS)
        except ResourceNotFoundError as error:
            raise missing(place) from error

    def copy(
        self,
        source: Place,
        target: Place,
        metadata: Mapping[str, str],
        *,
        copying: str,
        replacing: str | None,
    ) -> None:
        try:
            self._blob(target).start_copy_from_url(
                self._readable(source),
                metadata=_quoted(metadata),
                requires_sync=True,
                source_etag=copying,
                source_match_condition=MatchConditions.IfNotModified,
                **_only_over(replacing),
            )
        except (ResourceModifiedError, ResourceExistsError) as error:
            # Not every account says whether it was the condition on the source.
            found = self.read(source)
            raise _changed(target if found and found.etag == copying else source) from error
        except ResourceNotFoundError as error:
            raise missing(source) from error

    def public_url(self, place: Place) -> str:
        return str(self._blob(place).url)

    def _blob(self, place: Place) -> BlobClient:
        return self._service.get_blob_client(place.container, place.path)

    def _readable(self, place: Place) -> str:
        """A signed address from which the account can read the file for some minutes."""
        start = datetime.now(UTC)
        until = start + _READABLE_FOR
        key = getattr(self._service.credential, "account_key", None)
        by = (
            {"account_key": key}
            if key
            else {"user_delegation_key": self._service.get_user_delegation_key(start, until)}
        )
        signature = generate_blob_sas(
            self.account,
            place.container,
            place.path,
            permission=BlobSasPermissions(read=True),
            expiry=until,
            **by,
        )
        return f"{self._blob(place).url}?{signature}"


def _only_over(etag: str | None) -> dict[str, Any]:
    """The condition that a file still has this ETag; with `None`, that no file exists."""
    if etag is None:
        return {"match_condition": MatchConditions.IfMissing}
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def _changed(place: Place) -> ChangedMeanwhileError:
    return ChangedMeanwhileError(
        f"{place.path} in {place.container} was changed by somebody else meanwhile."
    )


def _quoted(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata values as ASCII, since they travel in headers."""
    return {name: quote(value) for name, value in metadata.items()}


def _unquoted(metadata: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: unquote(value or "") for name, value in (metadata or {}).items()}

"""The files of external stages: blobs in the emulated storage account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContentSettings
from snowflake.connector.errors import ProgrammingError

# Azure's type for a blob whose writer names none. Snowflake documents no type for its unloads,
# so nothing may rely on another.
# https://learn.microsoft.com/rest/api/storageservices/put-blob#request-headers-all-blob-types
CONTENT_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Location:
    """A path in a container; the path is empty or has no leading slash."""

    container: str
    path: str


class BlobStore:
    """The storage account behind the account's stages, in Azurite.

    Args:
        endpoint: For example `http://127.0.0.1:10000`.
        account: The storage account's name.
        key: Its shared key.
    """

    def __init__(self, endpoint: str, account: str, key: str) -> None:
        self._host = urlsplit(endpoint).netloc
        self._account = account
        self._client = BlobServiceClient(
            f"{endpoint.rstrip('/')}/{account}", credential=key, retry_total=1, logging_enable=False
        )

    def locate(self, url: str, path: str) -> Location:
        """The location of a path of a stage; the stage's URL is `azure://host/account/container/…`.

        Raises:
            ProgrammingError: The URL names a host or an account that does not exist here.
        """
        parts = urlsplit(url)
        account, _, rest = parts.path.lstrip("/").partition("/")
        container, _, prefix = rest.partition("/")
        if parts.scheme != "azure" or (parts.netloc, account) != (self._host, self._account):
            raise _failed(
                f"the stage's URL {url} is not in this emulator's storage account "
                f"azure://{self._host}/{self._account}/"
            )
        return Location(container, "/".join(one.strip("/") for one in (prefix, path) if one))

    def write(self, location: Location, content: bytes, *, overwrite: bool) -> bool:
        """Write a blob in one step; returns false if it exists and may not be overwritten.

        Args:
            location: The blob's location.
            content: The blob's bytes.
            overwrite: True to replace an existing blob.

        Raises:
            ProgrammingError: The container does not exist, or the storage account does not answer.
        """
        blob = self._client.get_blob_client(location.container, location.path)
        try:
            blob.upload_blob(
                content,
                overwrite=overwrite,
                content_settings=ContentSettings(content_type=CONTENT_TYPE),
            )
        except ResourceExistsError:
            return False
        except ResourceNotFoundError as error:
            raise _failed(f"the container '{location.container}' does not exist") from error
        except AzureError as error:
            raise _failed(f"{location.container}/{location.path}: {error}") from error
        return True

    def read(self, url: str, path: str, wanted: Callable[[str], object]) -> list[tuple[str, bytes]]:
        """The blobs whose paths begin with a stage's URL and a path, sorted by their own path.

        Args:
            url: The stage's URL.
            path: The path after the stage; as in Snowflake it is the beginning of names.
            wanted: Says of a blob's path in the container whether it is read.

        Returns:
            Each blob's path in the container, and its bytes.

        Raises:
            ProgrammingError: The container does not exist, or the storage account does not answer.
        """
        folder = self.locate(url, "")
        container = self._client.get_container_client(folder.container)
        prefix = f"{folder.path}/{path}" if folder.path else path
        try:
            names = sorted(container.list_blob_names(name_starts_with=prefix))
            return [
                (name, container.download_blob(name).readall()) for name in names if wanted(name)
            ]
        except ResourceNotFoundError as error:
            raise _failed(f"{folder.container}/{prefix}: {error.reason}") from error
        except AzureError as error:
            raise _failed(f"{folder.container}/{prefix}: {error}") from error


def _failed(why: str) -> ProgrammingError:
    return ProgrammingError(
        msg=f"Failed to access remote file: {why}. Please check your credentials and the stage.",
        errno=91003,
        sqlstate="22000",
    )

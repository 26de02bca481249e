"""The storage account as publication needs it: files with metadata, and copies on the server.

`azure_store` implements it with Azure's library, which takes a third of a second to import;
parsing the DAGs needs this interface only.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

# A browser revalidates after a minute, so a restored version is visible within one.
CACHE_CONTROL = "public, max-age=60, must-revalidate"


class PublishingError(Exception):
    """A step of a publication that failed."""


class ChangedMeanwhileError(PublishingError):
    """A file is not the one that the audit saw: the audit has to run again."""


class MissingFileError(PublishingError):
    """A file that a step needs does not exist."""


class MalformedCandidateError(PublishingError):
    """An XCom or a run's configuration does not describe an audited candidate."""


class NotServedError(PublishingError):
    """The public address does not serve the promoted version."""


class Place(NamedTuple):
    """A file's location: its container, and its path in it."""

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


class Store(ABC):
    """A storage account."""

    @property
    @abstractmethod
    def account(self) -> str:
        """The storage account's name."""

    @abstractmethod
    def read(self, place: Place) -> Stored | None:
        """A file with its metadata; `None` if it does not exist."""

    def need(self, place: Place) -> Stored:
        """A file that has to exist.

        Raises:
            MissingFileError: It does not exist.
        """
        found = self.read(place)
        if found is None:
            raise missing(place)
        return found

    @abstractmethod
    def list(self, container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        """The metadata of a container's files by path, sorted by path.

        Args:
            container: The container.
            prefix: The beginning of the files' paths.
        """

    @abstractmethod
    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        """The paths of a folder's files, sorted."""

    @abstractmethod
    def write(
        self, place: Place, content: bytes, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Write a small file, whatever was there before."""

    @abstractmethod
    def replace(self, place: Place, content: bytes, *, replacing: str | None) -> None:
        """Write a small file, unless somebody else wrote it meanwhile.

        Args:
            place: The file's location.
            content: The new content.
            replacing: The ETag of the file to replace; `None` if none may exist.

        Raises:
            ChangedMeanwhileError: Another file is there; nothing was written.
        """

    @abstractmethod
    def delete(self, place: Place) -> None:
        """Delete a file, if it exists."""

    @abstractmethod
    def serve_as_json(self, place: Place) -> None:
        """Set the headers that a public JSON file is served with; copies of the file inherit them.

        Snowflake unloads to Azure as a plain stream of bytes and offers no option for headers.

        Raises:
            MissingFileError: The file does not exist.
        """

    @abstractmethod
    def copy(
        self,
        source: Place,
        target: Place,
        metadata: Mapping[str, str],
        *,
        copying: str,
        replacing: str | None,
    ) -> None:
        """Have the account copy a file in one atomic step, headers included.

        Args:
            source: The file to copy.
            target: Where to.
            metadata: The target's metadata.
            copying: The ETag of the file to copy.
            replacing: The ETag of the file to replace; `None` if none may exist.

        Raises:
            ChangedMeanwhileError: Another file is at the source or at the target; nothing was
                copied.
            MissingFileError: There is no source.
        """

    @abstractmethod
    def public_url(self, place: Place) -> str:
        """The address of a file in a public container."""


def missing(place: Place) -> MissingFileError:
    """The error of a file that does not exist."""
    return MissingFileError(f"There is no {place.path} in the container {place.container}.")

"""What publication needs of a storage account: files with metadata, copies that it makes itself.

`azure_store` keeps these promises with Azure's library, which takes a third of a second to import:
reading the DAGs needs the promises only.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple


class PublishingError(Exception):
    """A step of a publication that was not done."""


class ChangedMeanwhileError(PublishingError):
    """The served file is another one than the audit compared with: it has to be done again."""


class MissingFileError(PublishingError):
    """A file that a step needs is not there."""


class NotServedError(PublishingError):
    """What the public URL answers is not what was promoted: the highest severity."""


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


class Store(ABC):
    """A storage account."""

    @property
    @abstractmethod
    def account(self) -> str:
        """The storage account's name."""

    @abstractmethod
    def read(self, place: Place) -> Stored | None:
        """A file with its metadata; null if there is none."""

    def need(self, place: Place) -> Stored:
        """A file that has to be there.

        Raises:
            MissingFileError: It is not.
        """
        found = self.read(place)
        if found is None:
            raise MissingFileError(f"There is no {place.path} in the container {place.container}.")
        return found

    @abstractmethod
    def list(self, container: str) -> dict[str, dict[str, str]]:
        """The metadata of a container's files by path, in the order of their paths."""

    @abstractmethod
    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        """The paths of a folder's files, in their order."""

    @abstractmethod
    def write(self, place: Place, content: bytes) -> None:
        """Write a small file of our own, whole."""

    @abstractmethod
    def replace(self, place: Place, content: bytes, *, replacing: str | None) -> None:
        """Write a small file of our own, unless somebody else wrote it meanwhile.

        Args:
            replacing: The ETag of the file that may be replaced; null if there may be none.

        Raises:
            ChangedMeanwhileError: Another file is there; nothing was written.
        """

    @abstractmethod
    def label(self, place: Place, metadata: Mapping[str, str]) -> None:
        """Replace a file's metadata."""

    @abstractmethod
    def delete(self, place: Place) -> None:
        """Delete a file, if it is there."""

    @abstractmethod
    def serve_as_json(self, place: Place) -> None:
        """Give a file the headers that it is to be served with; copies of it keep them.

        Snowflake unloads to Azure as a plain stream of bytes and offers no option for it.
        """

    @abstractmethod
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

    @abstractmethod
    def public_url(self, place: Place) -> str:
        """Where anyone reads a file of a public container."""

"""The owners of databases, schemas and objects: the roles that have created them.

They are stored beside the databases, so ownership lasts over a restart.
https://docs.snowflake.com/en/user-guide/security-access-control-overview#label-ownership-right
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

# Tables and views share their names; every other kind has names of its own.
RELATIONS = ("TABLE", "VIEW")
Path_ = tuple[str, ...]
Key = tuple[str, Path_]


@dataclass(frozen=True)
class Owned:
    """An object's kind, for example `VIEW`, and the role that owns it."""

    kind: str
    role: str


class Owners:
    """The owner of each object that a session has created."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = RLock()
        self._owned: dict[Key, Owned] = {}
        if file.exists():
            for kind, role, *name in json.loads(file.read_text()):
                self._owned[_key(kind, tuple(name))] = Owned(kind, role)

    def find(self, kind: str, name: Path_) -> Owned | None:
        """The owner of an object, with its kind: a view is found as a table, too."""
        return self._owned.get(_key(kind, name))

    def of(self, role: str) -> list[Key]:
        """The kind and the name of everything that a role owns."""
        return [
            (one.kind, name) for (_, name), one in list(self._owned.items()) if one.role == role
        ]

    def create(self, kind: str, name: Path_, role: str) -> None:
        """The role owns an object from now on."""
        with self._lock:
            if kind in ("DATABASE", "SCHEMA"):
                self._forget(kind, name)
            self._owned[_key(kind, name)] = Owned(kind, role)
            self._save()

    def drop(self, kind: str, name: Path_) -> None:
        """Nobody owns an object any more, nor what it contains."""
        with self._lock:
            self._forget(kind, name)
            self._save()

    def rename(self, kind: str, old: Path_, new: Path_) -> None:
        """The owner of an object owns it under its new name, and those of what a schema holds."""
        with self._lock:
            if owned := self._owned.pop(_key(kind, old), None):
                self._owned[_key(kind, new)] = owned
            if kind == "SCHEMA":
                for one, name in [key for key in self._owned if key[1][: len(old)] == old]:
                    self._owned[one, (*new, *name[len(old) :])] = self._owned.pop((one, name))
            self._save()

    def rename_role(self, old: str, new: str) -> None:
        """A role that has a new name owns the same objects."""
        with self._lock:
            for key, owned in list(self._owned.items()):
                if owned.role == old:
                    self._owned[key] = Owned(owned.kind, new)
            self._save()

    def transfer(self, kind: str, name: Path_, role: str) -> None:
        """Another role owns an object from now on; what it contains keeps its owners."""
        with self._lock:
            known = self._owned[_key(kind, name)]
            self._owned[_key(kind, name)] = Owned(known.kind, role)
            self._save()

    def within(self, kind: str, schema: Path_) -> list[Path_]:
        """The names of a schema's objects of a kind; views are no tables."""
        return [
            name
            for (_, name), one in list(self._owned.items())
            if one.kind == kind and name[:-1] == schema
        ]

    def swap(self, one: Path_, other: Path_) -> None:
        """Two tables have exchanged their names, and keep their owners."""
        with self._lock:
            first, second = _key("TABLE", one), _key("TABLE", other)
            owners = {second: self._owned.get(first), first: self._owned.get(second)}
            self._owned.update({key: owned for key, owned in owners.items() if owned})
            self._save()

    def _forget(self, kind: str, name: Path_) -> None:
        self._owned.pop(_key(kind, name), None)
        if kind in ("DATABASE", "SCHEMA"):
            size = len(name)
            within = [key for key in self._owned if len(key[1]) > size and key[1][:size] == name]
            for key in within:
                del self._owned[key]

    def _save(self) -> None:
        rows = [[one.kind, one.role, *name] for (_, name), one in sorted(self._owned.items())]
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(rows, indent=0))
        written.replace(self._file)


def _key(kind: str, name: Path_) -> Key:
    return ("RELATION" if kind in RELATIONS else kind, name)

"""One generated data folder, made once for all these tests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.data.folder import make_folder

AS_OF = datetime(2026, 11, 22, 8, tzinfo=UTC)

Read = Callable[[str], Any]


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    make_folder(folder, seed=2025, as_of=AS_OF)
    return folder


@pytest.fixture(scope="session")
def read(generated: Path) -> Read:
    """A file of the folder, read once however many tests ask for it."""
    known: dict[str, Any] = {}

    def reads(name: str) -> Any:
        if name not in known:
            known[name] = json.loads((generated / name).read_text(encoding="utf-8"))
        return known[name]

    return reads

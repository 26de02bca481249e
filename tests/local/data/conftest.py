"""One generated data folder for all these tests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
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
    """Read a file of the folder, once for all tests."""
    return cache(lambda name: json.loads((generated / name).read_text(encoding="utf-8")))

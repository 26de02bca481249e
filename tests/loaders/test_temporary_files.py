"""A load's temporary files: a full disk, and a folder that cannot be written."""

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.loaders import LoadError, PermanentError, TransientError
from include.loaders.temporary_files import writing_temporary_files
from tests.loaders.recorded import RecordedWarehouse
from tests.loaders.service import Service
from tests.loaders.simple_load import load, recorded, warehouse_with_three_rows

FULL = Path("/dev/full")
NEEDS_FULL = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is full")


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    return warehouse_with_three_rows()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, TransientError),
        (errno.EDQUOT, TransientError),
        (errno.ENOENT, TransientError),
        (errno.EACCES, PermanentError),
        (errno.EROFS, PermanentError),
    ],
)
def test_a_disk_that_is_full_may_have_space_later(number: int, kind: type[LoadError]) -> None:
    with pytest.raises(LoadError) as failure, writing_temporary_files("epa"):
        raise OSError(number, os.strerror(number))

    assert type(failure.value) is kind
    assert failure.value.source == "epa"
    assert os.strerror(number) in str(failure.value)


def test_a_full_disk_is_named_with_its_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    free = {str(tmp_path): SimpleNamespace(free=7_400_000)}
    monkeypatch.setattr(shutil, "disk_usage", free.__getitem__)

    with pytest.raises(TransientError) as failure, writing_temporary_files("epa"):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert str(failure.value) == (
        "epa: temporary files cannot be written (No space left on device: 7 MB are free in "
        f"{tmp_path}); free space in the temporary folder, or name another one in TMPDIR."
    )


@NEEDS_FULL
@pytest.mark.usefixtures("few_roots")
def test_a_load_on_a_full_disk_is_a_transient_failure_and_recorded(
    warehouse: RecordedWarehouse, permits: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_full() -> Any:
        return FULL.open("wb")

    monkeypatch.setattr("include.loaders.load.TemporaryFile", open_full)

    with pytest.raises(TransientError, match="temporary files cannot be written"):
        load(warehouse, permits)

    assert recorded(warehouse)["OUTCOME"] == "transient failure"
    assert warehouse.beginning("DELETE", 'INSERT INTO "RAW"."S"') == []

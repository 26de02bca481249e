"""Where an export cannot be written: one clear error, no request if it shows before, no remains."""

import errno
import io
import mmap
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from include.loaders import LoadOptions, Origin, PermanentError, TransientError
from include.loaders.export import export_json_list, export_part
from include.sources import ArcgisLayer, RawTable
from tests.loaders.command_line import run
from tests.loaders.layer import PATH, Layer, row
from tests.loaders.service import Service

pytestmark = pytest.mark.usefixtures("few_roots")

PARCELS = ArcgisLayer("parcels", "https://declared" + PATH, "OBJECTID", RawTable("S", "T"))
OPTIONS = LoadOptions(retry_seconds=0)


def export(service: Service, output: Path) -> None:
    export_part(PARCELS, output, Origin(base_url=service.url), OPTIONS)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.parquet"


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may have more than a few bytes, nor may pytest's own output."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_that_does_not_exist_is_named_before_the_first_request(
    service: Service, output: Path
) -> None:
    folder = output.parent / "gone"

    with pytest.raises(PermanentError) as failure:
        export(service, folder / "out.parquet")

    assert str(failure.value) == f"parcels: the folder {folder} does not exist; create it."
    assert service.requests == []
    assert not folder.exists()


def test_a_folder_is_not_a_file(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, Path(".")):
        with pytest.raises(PermanentError) as failure:
            export(service, folder)
        assert str(failure.value) == f"parcels: the output {folder} exists and is not a file."
    assert service.requests == []


def test_a_device_is_not_replaced_by_a_file(service: Service, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(PermanentError, match="exists and is not a file"):
        export(service, pipe)

    assert pipe.is_fifo()


@pytest.mark.parametrize("place", ["{}/" + "x" * 300, "{}/file/out.parquet/x"])
def test_a_place_where_no_file_can_be_is_named(
    service: Service, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PermanentError, match=r"^parcels: the (file|folder) /"):
        export(service, Path(place.format(tmp_path)))

    assert service.requests == []
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_may_not_be_written_is_named_before_the_first_request(
    service: Service, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everywhere, and the tests may run as root.
    def touch(_: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "touch", touch)

    with pytest.raises(PermanentError) as failure:
        export(service, output)

    assert str(failure.value) == (
        f"parcels: the file {output} cannot be written (Permission denied); free space, or choose "
        "another place."
    )
    assert service.requests == []


@pytest.mark.parametrize("rows", [10, 30_000], ids=["at its end", "while it is read"])
def test_a_full_disk_leaves_the_existing_file(
    service: Service, layer: Layer, output: Path, rows: int
) -> None:
    layer.cap = 10_000
    layer.rows = [
        {"attributes": row(1)["attributes"] | {"OBJECTID": n}} for n in range(1, rows + 1)
    ]
    output.write_bytes(b"old")

    with pytest.raises(PermanentError) as failure, full_disk():
        export(service, output)

    assert str(failure.value) == (
        f"parcels: the file {output} cannot be written (File too large); free space, or choose "
        "another place."
    )
    assert output.read_bytes() == b"old"
    assert list(output.parent.iterdir()) == [output]


def test_a_list_on_a_full_disk_is_refused(permits: Service, output: Path) -> None:
    refused = r"^permits: the file .* cannot be written"
    with pytest.raises(PermanentError, match=refused), full_disk():
        export_json_list(
            "permits",
            "https://declared/list",
            (),
            output=output,
            origin=Origin(base_url=permits.url),
            options=OPTIONS,
        )

    assert list(output.parent.iterdir()) == []


def test_a_disk_that_says_only_at_the_end_that_it_is_full_leaves_no_file(
    service: Service, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(io.BufferedWriter):
        def close(self) -> None:
            was_open = not self.closed
            super().close()
            if was_open:
                raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(Path, "open", lambda path, mode: Late(io.FileIO(path, mode)))

    with pytest.raises(PermanentError, match=r"cannot be written \(Disk quota exceeded\)"):
        export(service, output)

    assert list(output.parent.iterdir()) == []


def test_a_place_that_becomes_a_folder_meanwhile_is_left_alone(
    service: Service, output: Path
) -> None:
    service.script(lambda _: output.mkdir(exist_ok=True))

    with pytest.raises(PermanentError, match=r"cannot be written \(Is a directory\)"):
        export(service, output)

    assert list(output.parent.iterdir()) == [output]


def test_an_export_without_memory_is_not_begun(
    service: Service, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(mmap, "mmap", refuse)

    with pytest.raises(TransientError, match=r"^parcels: too little memory"):
        export(service, output)

    assert service.requests == []


def test_the_command_line_ends_with_one_sentence(tmp_path: Path) -> None:
    output = tmp_path / "gone" / "out.parquet"

    ended = run("arcgis", "http://127.0.0.1:9/0", "--output", output)

    assert ended.exit_code == 1
    assert ended.stderr == f"127.0.0.1: the folder {output.parent} does not exist; create it.\n"
    assert ended.stdout == ""


def test_a_relative_place_is_written(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    export(service, Path("out.parquet"))

    assert pq.read_table(tmp_path / "out.parquet").num_rows == 10

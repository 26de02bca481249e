"""The command line with little memory: one sentence or a complete file, never a wait for ever."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.loaders.layer import PATH
from tests.loaders.service import Service

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space"),
]

MEGABYTE = 1_000_000
PATIENCE = 60


def export(service: Service, output: Path, megabytes: int) -> subprocess.CompletedProcess[str]:
    """Save the layer with so much address space."""
    limit = megabytes * MEGABYTE
    command = [sys.executable, "-W", "ignore", "-m", "include.loaders", "arcgis"]
    return subprocess.run(
        [*command, service.url + PATH, "--output", str(output), "--retry-seconds", "0"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )


@pytest.mark.parametrize(
    ("megabytes", "needs"),
    [
        (250, "the command needs about 410 MB"),
        (600, "a load with concurrency 4 needs about 600 MB"),
        (900, "a load with concurrency 4 needs about 600 MB"),
    ],
)
def test_too_little_memory_is_one_sentence_with_what_is_needed(
    service: Service, tmp_path: Path, megabytes: int, needs: str
) -> None:
    done = export(service, tmp_path / "parcels.parquet", megabytes)

    assert done.returncode == os.EX_TEMPFAIL
    [sentence] = done.stderr.splitlines()
    assert needs in sentence
    assert "this process can get about" in sentence
    assert (done.stdout, list(tmp_path.iterdir())) == ("", [])


def test_the_memory_that_a_load_needs_is_enough(service: Service, tmp_path: Path) -> None:
    done = export(service, tmp_path / "parcels.parquet", 1_100)

    assert (done.returncode, done.stderr) == (0, "")
    assert '"rows": 10' in done.stdout

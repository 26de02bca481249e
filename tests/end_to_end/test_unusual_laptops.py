"""The cloud starts where a laptop differs: spaces, another user, no home, no network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import marks, processes
from local.azurite import ensure_installed
from local.home import REPOSITORY, Home
from tests.end_to_end.laptop import Laptop
from tools.checkout import copy_files

NOBODY = 65534
# A network of its own, in which only the loopback interface is up.
ALONE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def can_run(prefix: tuple[str, ...]) -> bool:
    """True if this machine lets the tests run Python, and programs of its own, in this way."""
    command = "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    if shutil.which(prefix[0]) is None:
        return False
    done = subprocess.run(
        [*prefix, sys.executable, "-c", command], cwd="/", capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A laptop in folders with spaces, without a home, whose proxies do not answer."""
    checkout = copy_files(REPOSITORY, tmp_path / "my check out")
    # The installed Azurite is shared, and this laptop has no network to install another.
    tools = Home(REPOSITORY / ".local").tools
    ensure_installed(tools)
    (checkout / ".local").mkdir()
    (checkout / ".local" / "tools").symlink_to(tools)
    settings = {
        "HOME": str(tmp_path / "no home"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "no_proxy": "example.org",
    }
    folder = tmp_path / "my laptop"
    folder.mkdir()
    # The Python of a developer who is root may lie in a folder that only root may enter.
    as_nobody = AS_NOBODY if can_run(AS_NOBODY) else ()
    alone = ALONE if can_run(ALONE) else ()
    if os.environ.get("CI") == "true" and os.geteuid() == 0:
        assert alone, "root cannot leave the network here: this would not be tried"
    if as_nobody:
        os.chown(folder, NOBODY, NOBODY)
        for parent in (folder, *folder.parents):
            if parent.is_relative_to(os.environ["TMPDIR"]):
                parent.chmod(parent.stat().st_mode | 0o011)
    made = Laptop(folder, settings, checkout, (*alone, *as_nobody))
    yield made
    processes.stop([], mark=marks.home_mark(made.home))


def test_the_cloud_starts_in_folders_with_spaces_for_any_user_without_home_or_network(
    laptop: Laptop,
) -> None:
    started = laptop.make("cloud")

    assert started.returncode == 0, started.stdout
    users = {process.uids().effective for process in marks.marked(marks.home_mark(laptop.home))}
    assert users == {laptop.home.root.stat().st_uid}
    assert not Path(laptop.environment["HOME"]).exists()
    assert laptop.make("cloud").stdout == "Already running.\n"
    assert laptop.make("stop").stdout == "Stopped 5 servers.\n"

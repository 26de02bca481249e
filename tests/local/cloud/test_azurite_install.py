"""Installing Azurite: nothing outside the checkout is written, and a failure is one line."""

import json
import os
import stat
from pathlib import Path

import pytest

from local import azurite
from local.azurite import VERSION, AzuriteInstallError, ensure_installed

OFFLINE = """\
npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error network request to https://example.org/azurite failed, reason: getaddrinfo ENOTFOUND
npm error network This is a problem related to network connectivity.
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for an npm of the test's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setattr(azurite, "node_environment", lambda: {"PATH": path})
    return folder / "npm"


def write(npm: Path, script: str) -> None:
    npm.write_text(f"#!/bin/sh\n{script}")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)


def make_installed(tools: Path) -> None:
    package = tools / "node_modules" / "azurite"
    (package / "dist" / "src" / "blob").mkdir(parents=True)
    (package / "dist" / "src" / "blob" / "main.js").touch()
    (package / "package.json").write_text(json.dumps({"version": VERSION}))


def test_npms_cache_and_log_are_beside_its_packages(npm: Path, tmp_path: Path) -> None:
    write(npm, f'printf "%s\\n" "$@" > {npm.parent}/words')

    ensure_installed(tmp_path / "tools")

    assert f"--cache={tmp_path / 'tools' / 'npm-cache'}" in (
        (npm.parent / "words").read_text().splitlines()
    )


def test_a_missing_npm_is_reported_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azurite, "node_environment", lambda: {"PATH": str(tmp_path)})

    with pytest.raises(AzuriteInstallError, match=r"^npm was not found"):
        ensure_installed(tmp_path / "tools")


def test_without_a_network_one_line_has_npms_reason(npm: Path, tmp_path: Path) -> None:
    write(npm, f"cat >&2 <<END\n{OFFLINE}END\nexit 1")

    with pytest.raises(AzuriteInstallError) as failed:
        ensure_installed(tmp_path / "tools")

    assert str(failed.value) == (
        f"npm could not install azurite {VERSION}: network request to"
        " https://example.org/azurite failed, reason: getaddrinfo ENOTFOUND."
        " The first start needs npm's registry; check the network and start again."
    )


@pytest.mark.parametrize("said", ["", "npm error\n", "Killed\n"])
def test_an_npm_that_says_little_is_reported_too(said: str, npm: Path, tmp_path: Path) -> None:
    write(npm, f"printf '{said}' >&2; exit 1")

    with pytest.raises(AzuriteInstallError, match=r"(Killed|no reason given)\. The first start"):
        ensure_installed(tmp_path / "tools")


def test_an_installed_azurite_is_not_installed_again(npm: Path, tmp_path: Path) -> None:
    """So the second start needs no network."""
    write(npm, "exit 1")
    make_installed(tmp_path / "tools")

    assert ensure_installed(tmp_path / "tools").name == "main.js"


def test_an_installation_that_was_cut_off_is_repeated(npm: Path, tmp_path: Path) -> None:
    make_installed(tmp_path / "tools")
    (tmp_path / "tools" / "node_modules" / "azurite" / "package.json").write_text('{"ver')
    write(npm, f"touch {npm.parent}/called")

    ensure_installed(tmp_path / "tools")

    assert (npm.parent / "called").exists()


def test_another_users_checkout_serves_if_azurite_is_installed_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(AzuriteInstallError) as failed:
        ensure_installed(tools)
    assert str(failed.value) == (
        f"Azurite {VERSION} cannot be installed: {tools} cannot be written (Permission denied)."
        " Use a checkout of your own."
    )

    make_installed(tools)
    assert ensure_installed(tools).name == "main.js"

"""The secret scanner finds planted keys, and the baseline holds what a person reviewed."""

import json
import shutil
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tools.secrets import BASELINE, accept, files_to_scan, find_secrets, main

# Concatenated, so that this file itself has no such line.
PLANTED = {
    "key.py": "-----BEGIN " + "PRIVATE KEY-----\n",
    "settings.yml": "azure_password: " + "Pq7x" + "Zk2vM9tR4wYb\n",
    "cloud.tf": 'token = "ghp_' + "g1H2i3J4k" * 4 + '"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copyfile(REPOSITORY / BASELINE, tmp_path / BASELINE)
    return tmp_path


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found(name: str, folder: Path) -> None:
    (folder / name).write_text(PLANTED[name])

    found = find_secrets(folder, [name])

    assert [secret.filename for secret in found][:1] == [name]


def test_an_accepted_dummy_is_not_found_again_not_even_on_another_line(
    folder: Path,
) -> None:
    name = "settings.yml"
    (folder / name).write_text(PLANTED[name])

    accept(folder, [name])
    (folder / name).write_text("# Another line.\n" + PLANTED[name])

    assert find_secrets(folder, [name]) == []


def test_an_accepted_dummy_is_found_in_another_file(folder: Path) -> None:
    (folder / "settings.yml").write_text(PLANTED["settings.yml"])
    accept(folder, ["settings.yml"])
    (folder / "other.yml").write_text(PLANTED["settings.yml"])

    assert [secret.filename for secret in find_secrets(folder, ["other.yml"])] == ["other.yml"]


def test_a_finding_is_printed_with_its_place_and_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "key.py").write_text(PLANTED["key.py"])
    monkeypatch.setattr("tools.secrets.ROOT", folder)
    monkeypatch.setattr("tools.secrets.files_to_scan", lambda _: ["key.py"])

    assert main([]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("key.py:1: this looks like a secret (Private Key).")
    assert "--accept" in printed


def test_everything_that_git_would_add_is_scanned_except_generated_files() -> None:
    names = files_to_scan(REPOSITORY)

    assert {"README.md", "include/sources/epa.py", ".github/workflows/deploy.yml"} <= set(names)
    assert not [name for name in names if name.startswith((".venv", ".local", "tests/data"))]


def test_every_finding_of_the_baseline_is_harmless_and_its_file_exists() -> None:
    results = json.loads((REPOSITORY / BASELINE).read_text())["results"]

    assert results
    for name, findings in results.items():
        assert (REPOSITORY / name).exists(), name
        assert all(finding["is_secret"] is False for finding in findings), name

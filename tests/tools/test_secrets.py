"""The secret scanner: a planted key is found, and the baseline holds what a person has seen."""

import json
import shutil
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tools.secrets import BASELINE, accept, main, tracked, unknown_secrets

# Put together here, so that this file itself holds no such line.
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

    found = unknown_secrets(folder, [name])

    assert [secret.filename for secret in found][:1] == [name]


def test_a_dummy_is_no_find_once_it_was_accepted_and_stays_none_on_another_line(
    folder: Path,
) -> None:
    name = "settings.yml"
    (folder / name).write_text(PLANTED[name])

    accept(folder, [name])
    (folder / name).write_text("# Another line.\n" + PLANTED[name])

    assert unknown_secrets(folder, [name]) == []


def test_an_accepted_dummy_is_none_in_its_own_file_only(folder: Path) -> None:
    (folder / "settings.yml").write_text(PLANTED["settings.yml"])
    accept(folder, ["settings.yml"])
    (folder / "other.yml").write_text(PLANTED["settings.yml"])

    assert [each.filename for each in unknown_secrets(folder, ["other.yml"])] == ["other.yml"]


def test_a_find_is_told_with_its_place_and_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "key.py").write_text(PLANTED["key.py"])
    monkeypatch.setattr("tools.secrets.ROOT", folder)
    monkeypatch.setattr("tools.secrets.tracked", lambda _: ["key.py"])

    assert main([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("key.py:1: this looks like a secret (Private Key).")
    assert "--accept" in told


def test_everything_that_git_would_add_is_looked_at_but_generated_files() -> None:
    names = tracked(REPOSITORY)

    assert {"README.md", "include/sources/epa.py", ".github/workflows/deploy.yml"} <= set(names)
    assert not [name for name in names if name.startswith((".venv", ".local", "tests/data"))]


def test_every_find_of_the_baseline_was_called_harmless_and_is_still_there() -> None:
    results = json.loads((REPOSITORY / BASELINE).read_text())["results"]

    assert results
    for name, finds in results.items():
        assert (REPOSITORY / name).exists(), name
        assert all(find["is_secret"] is False for find in finds), name

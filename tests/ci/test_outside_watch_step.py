"""The workflow of the watch from outside, run here: its own script, with GitHub's settings."""

import json
import sys
from pathlib import Path

import pytest

from include.publishing.heartbeat import write_heartbeat
from include.publishing.versions import PUBLISHED
from include.times import utc_now
from local.home import REPOSITORY
from tests.ci.github_steps import fill, inherited, run_shell, steps
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import file, metric
from tests.slack import Slack

INSTALL, LOOK = steps("outside-watch.yml")


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A runner's temporary folder whose `venv` has this process's packages."""
    program = tmp_path / "venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "$@" --patience 0 --state "{tmp_path}/state.json"\n'
    )
    program.chmod(0o755)
    return tmp_path


def look(runner: Path, **settings: str) -> tuple[int, str]:
    """Run the workflow's step with variables and secrets of the repository."""
    values = {
        f"{kind}.{name}": text for name, text in settings.items() for kind in ("vars", "secrets")
    }
    environment = {name: fill(text, values) for name, text in LOOK.environment.items()}
    done = run_shell(
        f"cd '{REPOSITORY}'\n{LOOK.script}",
        LOOK.shell,
        runner,
        {**inherited(), **environment, "RUNNER_TEMP": str(runner)},
    )
    return done.returncode, done.stdout + done.stderr


def settings(store: MemoryStore, slack: Slack) -> dict[str, str]:
    return {
        "PUBLIC_URL": store.public_url(PUBLISHED),
        "SLACK_WEBHOOK_URL": json.loads(slack.connection)["password"],
    }


def test_the_workflow_is_green_while_all_is_well(
    runner: Path, store: MemoryStore, slack: Slack
) -> None:
    today = f"{utc_now():%Y-%m-%d}T00:00:00.000Z"
    store.write(PUBLISHED, file(metric(LAST_UPDATED=today)))
    write_heartbeat(store, utc_now())

    code, output = look(runner, **settings(store, slack))

    assert (code, slack.messages()) == (0, []), output
    assert "All is well" in output


def test_the_workflow_is_red_and_posts_when_the_file_is_missing(
    runner: Path, store: MemoryStore, slack: Slack
) -> None:
    write_heartbeat(store, utc_now())

    code, output = look(runner, **settings(store, slack))

    assert code == 1, output
    assert len(slack.messages()) == 1


def test_a_repository_that_has_not_set_it_up_is_green_and_says_so(runner: Path) -> None:
    code, output = look(runner)

    assert code == 0
    assert "The watch from outside is not set up" in output


def test_a_repository_that_has_set_up_half_is_red(runner: Path) -> None:
    code, output = look(runner, PUBLIC_URL="https://example.invalid/file.json")

    assert code == 2
    assert "SLACK_WEBHOOK_URL is missing" in output


def test_the_step_uses_the_environment_that_the_step_before_it_makes() -> None:
    assert 'python3 -m venv "$RUNNER_TEMP/venv"' in INSTALL.script
    assert LOOK.script.startswith('"$RUNNER_TEMP/venv/bin/python" -m tools.outside_watch')

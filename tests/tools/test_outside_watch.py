"""The watch from outside, against real servers: an account, its heartbeat and a Slack."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from include.publishing import public_file
from include.publishing.heartbeat import HEARTBEAT, write_heartbeat
from include.publishing.versions import PUBLISHED
from local.home import REPOSITORY
from local.ports import HOST, free_ports
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import file, metric
from tests.slack import Slack
from tools.newest import read_pins
from tools.outside_watch.__main__ import MENTIONS as MENTIONS_VARIABLE
from tools.outside_watch.__main__ import STATE, WEBHOOK, main

# A Tuesday, 10 a.m. in California; the night before; the Saturday after.
MORNING = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
GOOD = file(metric(LAST_UPDATED="2026-11-17T06:00:00.000Z"))
NO_NUMBERS = "Nothing: the page shows no numbers."
AS_PUBLISHED = "The numbers that were published last."
MENTIONS = {"CalData or Analytica staff": "S0STAFF", "Analytica on-call": "U0CALL"}
REQUIREMENTS = REPOSITORY / "tools" / "outside_watch" / "requirements.txt"

# Refuses every module that is neither Python's, ours, nor of a listed package. Python's module of
# its build's settings has another name on each platform.
ONLY_ALLOWED = """
import runpy, sys
allowed, arguments = set(sys.argv[1].split(",")), sys.argv[2:]

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in allowed | sys.stdlib_module_names and not top.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"{name} is not installed on the runner")

for name in [each for each in sys.modules if each.partition(".")[0] not in sys.stdlib_module_names]:
    if name != "__main__":
        del sys.modules[name]
sys.meta_path.insert(0, Refuse())
sys.argv = ["outside_watch", *arguments]
runpy.run_module("tools.outside_watch", run_name="__main__")
"""


@dataclass
class World:
    """A storage account with a right file and a heartbeat, a Slack, and a clock."""

    store: MemoryStore
    slack: Slack
    state: Path
    now: datetime = MORNING
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def public_url(self) -> str:
        return self.store.public_url(PUBLISHED)

    @property
    def arguments(self) -> list[str]:
        return [f"--public-url={self.public_url}", f"--state={self.state}", "--patience=0"]

    def beat(self) -> None:
        """Have the watch inside Airflow complete a check now."""
        write_heartbeat(self.store, self.now)

    def restore(self) -> None:
        """Have the account serve the right file."""
        self.store.write(PUBLISHED, GOOD)

    def look(self, *arguments: str, after: timedelta = timedelta()) -> int:
        """Look once, some time later."""
        self.now += after
        return main([*self.arguments, *arguments], self.environment, lambda: self.now)

    def posted(self) -> list[str]:
        """The headings of the messages since the last call."""
        found = [message["blocks"][0]["text"]["text"] for message in self.slack.messages()]
        self.slack.clear()
        return found


@pytest.fixture
def world(store: MemoryStore, slack: Slack, tmp_path: Path) -> World:
    made = World(store, slack, tmp_path / "state" / "outside.json")
    made.environment = {
        "SLACK_WEBHOOK_URL": json.loads(slack.connection)["password"],
        "INCIDENT_MENTIONS": json.dumps(MENTIONS),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_RUN_ID": "17",
    }
    made.restore()
    made.beat()
    return made


def buttons(message: dict[str, Any]) -> dict[str, str]:
    return {each["text"]["text"]: each["url"] for each in message["blocks"][-1]["elements"]}


def test_while_all_is_well_slack_gets_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.look() == 0
    assert world.posted() == []
    assert capsys.readouterr().out.startswith("All is well")


@pytest.mark.parametrize(
    ("break_it", "heading", "public_sees"),
    [
        (lambda store: store.delete(PUBLISHED), "The public file is missing", NO_NUMBERS),
        (
            lambda store: store.write(PUBLISHED, b"<html>"),
            "The public file breaks its contract",
            "Wrong numbers, or none.",
        ),
        (
            lambda store: setattr(store, "cors", None),
            "The public file is served with access-control-allow-origin",
            NO_NUMBERS,
        ),
        (
            lambda store: store.serve_with(PUBLISHED, {"content-type": "text/plain"}),
            "The public file is served with content-type (and 1 more)",
            NO_NUMBERS,
        ),
    ],
)
def test_a_wrong_public_file_is_one_high_message_until_it_is_right_again(
    world: World, break_it: Callable[[MemoryStore], None], heading: str, public_sees: str
) -> None:
    break_it(world.store)

    assert [world.look(), world.look(after=timedelta(minutes=15))] == [1, 1]
    (message,) = world.slack.messages()
    assert world.posted() == [f":rotating_light: HIGH · {heading}"]
    assert message["text"].startswith(
        f":rotating_light: HIGH · Public sees: {public_sees.rstrip('.')} · <!subteam^S0STAFF>,"
        " by Tue Nov 17, 10:30 AM PST · The public file"
    )

    world.store.cors = "*"
    world.restore()
    assert [world.look(after=timedelta(minutes=15)), world.look()] == [0, 0]
    more = " (and 1 more)" if "more" in heading else ""
    assert world.posted() == [f":white_check_mark: Recovered · the public file, after 30 min{more}"]


def test_an_address_that_nobody_answers_is_out_of_reach(world: World) -> None:
    world.environment["GITHUB_RUN_ID"] = ""
    closed = f"http://{HOST}:{free_ports(1)[0]}/dashboard-data/ddrc-metrics.json"

    assert world.look(f"--public-url={closed}") == 1

    (message,) = world.slack.messages()
    assert world.posted() == [
        ":rotating_light: HIGH · The public file is out of reach (and 1 more)"
    ]
    assert "Nobody watches: the heartbeat is out of reach, ConnectError." in json.dumps(message)
    assert "Check the storage account and its public access." in json.dumps(message)
    assert "Run on GitHub" not in buttons(message)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "the heartbeat is missing, its address answers 404"),
        (b"[]", "the heartbeat holds no time"),
        (b'{"at": "2026-11-17T18:00:00"}', "the heartbeat holds no time"),
        (
            b'{"at": "2026-11-17T17:14:59Z"}',
            "the last complete check was 45 min ago, Tue Nov 17, 9:14 AM PST",
        ),
        (
            b'{"at": "2026-11-17T19:00:00Z"}',
            "the heartbeat is of the future, Tue Nov 17, 11:00 AM PST",
        ),
    ],
)
def test_a_heartbeat_that_is_not_there_or_not_young_is_one_low_message(
    world: World, content: bytes | None, problem: str
) -> None:
    world.store.delete(HEARTBEAT)
    if content is not None:
        world.store.write(HEARTBEAT, content)

    assert [world.look(), world.look()] == [1, 1]
    (message,) = world.slack.messages()
    assert world.posted() == [":large_yellow_circle: LOW · Nobody watches"]
    assert f"Nobody watches: {problem}." in message["blocks"][2]["text"]["text"]
    assert f"Public sees: {AS_PUBLISHED.rstrip('.')} · " in message["text"]

    world.beat()
    assert world.look(after=timedelta(minutes=15)) == 0
    assert world.posted() == [":white_check_mark: Recovered · the watch, after 15 min"]


def test_a_heartbeat_of_three_quarters_of_an_hour_is_young(world: World) -> None:
    assert world.look(after=timedelta(minutes=45)) == 0


def test_what_is_right_at_the_second_look_is_not_posted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        world.restore()

    monkeypatch.setattr(public_file, "sleep", sleep)
    monkeypatch.setattr(public_file, "monotonic", lambda: sum(waits))
    world.store.delete(PUBLISHED)

    assert world.look("--patience=30") == 0
    assert waits == [5.0]
    assert world.posted() == []


def test_a_recovery_says_what_is_still_wrong(world: World) -> None:
    world.store.delete(PUBLISHED)
    world.look()
    world.store.write(PUBLISHED, b"[]")
    world.slack.clear()

    assert world.look(after=timedelta(minutes=15)) == 1

    opened, recovered = world.slack.messages()
    assert opened["blocks"][0]["text"]["text"].endswith("The public file breaks its contract")
    still = "*Still wrong*: The public file breaks its contract: "
    assert recovered["blocks"][1]["text"]["text"].startswith(still)
    assert f"The public saw*: {NO_NUMBERS}" in recovered["blocks"][1]["text"]["text"]
    assert recovered["blocks"][2]["text"]["text"].startswith("*What was wrong*:\n• The public")


@pytest.mark.parametrize(
    ("now", "fault", "who"),
    [
        (NIGHT, PUBLISHED, "*Responds*: <@U0CALL> (Analytica engineer 1), by Tue Nov 17, 3:00 AM"),
        (NIGHT, HEARTBEAT, "*Evaluates*: Analytica engineer 1, work starts Tue Nov 17, 9:00 AM"),
        (SATURDAY, HEARTBEAT, "*Evaluates*: Analytica engineer 1, work starts Mon Nov 23, 9:00 AM"),
    ],
)
def test_off_hours_only_a_wrong_file_calls_the_person_of_the_rotation(
    world: World, now: datetime, fault: Any, who: str
) -> None:
    world.now = now
    world.beat()
    world.store.delete(fault)
    world.store.write(*(PUBLISHED, GOOD) if fault == HEARTBEAT else (HEARTBEAT, beat_at(now)))

    world.look()

    (message,) = world.slack.messages()
    assert who in message["blocks"][1]["text"]["text"]


def beat_at(now: datetime) -> bytes:
    return json.dumps({"at": now.isoformat()}).encode()


def test_what_lasts_is_posted_again_when_offices_open(world: World) -> None:
    world.store.delete(HEARTBEAT)
    world.look()
    world.slack.clear()

    assert {world.look(after=timedelta(hours=2)) for _ in range(12)} == {1}
    assert world.posted() == [":large_yellow_circle: LOW · still open · Nobody watches"]


def test_what_slack_did_not_accept_is_posted_by_the_next_run(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.store.delete(PUBLISHED)
    world.slack.switch("down")

    assert world.look() == 1
    said = capsys.readouterr()
    assert "Slack did not accept the message: it answers 503" in said.err
    assert world.environment["SLACK_WEBHOOK_URL"] not in said.out + said.err

    world.slack.switch("up")
    assert [world.look(), world.look()] == [1, 1]
    assert world.posted() == [":rotating_light: HIGH · The public file is missing"]

    world.restore()
    world.slack.switch("down")
    assert world.look() == 1
    world.slack.switch("up")
    assert world.look() == 0
    assert len(world.posted()) == 1


@pytest.mark.parametrize("lost", [None, b"", b'[{"key": 1}]'])
def test_a_lost_memory_costs_one_more_message(world: World, lost: bytes | None) -> None:
    world.store.delete(PUBLISHED)
    world.look()
    world.slack.clear()
    world.state.unlink() if lost is None else world.state.write_bytes(lost)

    assert [world.look(), world.look()] == [1, 1]
    assert world.posted() == [":rotating_light: HIGH · The public file is missing"]


def test_the_message_leads_to_the_file_the_heartbeat_the_runbook_and_the_run(world: World) -> None:
    world.store.delete(HEARTBEAT)
    world.look()

    (message,) = world.slack.messages()
    docs = "https://github.com/owner/name/blob/main/docs/runbooks"
    assert buttons(message) == {
        "Public file": world.public_url,
        "Heartbeat": world.store.public_url(HEARTBEAT),
        "Runbook": f"{docs}/outside-watch.md#act",
        "Run on GitHub": "https://github.com/owner/name/actions/runs/17",
    }
    assert (REPOSITORY / "docs/runbooks/outside-watch.md").read_text().count("\n## Act\n") == 1

    world.store.delete(PUBLISHED)
    world.slack.clear()
    world.look()
    assert buttons(world.slack.messages()[0])["Runbook"] == f"{docs}/public-file.md#act"


def test_what_an_address_serves_can_neither_mention_nor_link(world: World) -> None:
    headers = {"content-type": "<!channel> @here <http://evil.example|x>"}
    world.store.serve_with(PUBLISHED, headers)

    world.look()

    text = json.dumps(world.slack.messages()[0])
    assert "&lt;!channel&gt;" in text
    assert "<!" not in text.replace("<!subteam^S0STAFF>", "")
    assert "@here" not in text
    assert "<http" not in text


@pytest.mark.parametrize(
    "value", ["{", "[]", '{"Analytica on-call": "@me"}', '{"Analytica on-call": 7}']
)
def test_mentions_that_are_wrong_are_left_out_and_named_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    world.environment["INCIDENT_MENTIONS"] = value
    world.store.delete(PUBLISHED)

    assert world.look() == 1
    assert ", by Tue Nov 17" in world.slack.messages()[0]["text"]
    assert "<" not in world.slack.messages()[0]["text"]
    assert capsys.readouterr().err.startswith("INCIDENT_MENTIONS is not JSON")


def test_a_fork_without_configuration_is_skipped(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--public-url="], {"SLACK_WEBHOOK_URL": ""}) == 0
    said = capsys.readouterr().out
    assert "not set up" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "webhook", "named"),
    [
        (["--public-url="], "https://hooks.slack.com/x", "--public-url"),
        (["--public-url=ddrc-metrics.json"], "https://hooks.slack.com/x", "--public-url"),
        (["--public-url=https://"], "https://hooks.slack.com/x", "--public-url"),
        (["--public-url=http://a/b", "--heartbeat-url=x"], "https://x.y", "--heartbeat-url"),
        (["--public-url=http://a/b"], "", "SLACK_WEBHOOK_URL"),
        (["--public-url=http://a/b"], "local-dummy-hook", "SLACK_WEBHOOK_URL"),
    ],
)
def test_a_configuration_that_is_half_or_wrong_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], webhook: str, named: str
) -> None:
    assert main(arguments, {"SLACK_WEBHOOK_URL": webhook}) == 2
    said = capsys.readouterr().err
    assert said == f"{named} is missing or is not the address of a website.\n"


def test_a_command_without_an_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main([], {})
    assert refused.value.code == 2
    assert "--public-url" in capsys.readouterr().err


def needed() -> set[str]:
    """The listed packages with all that they need, in their canonical names."""
    lines = REQUIREMENTS.read_text().splitlines()
    found: set[str] = set()
    names = [line for line in lines if line and not line.startswith("#")]
    while names:
        name = canonicalize_name(names.pop())
        if name not in found:
            found.add(name)
            each = map(Requirement, requires(name) or ())
            names += [one.name for one in each if not one.marker or one.marker.evaluate()]
    return found


def test_the_runner_needs_only_the_listed_packages(world: World) -> None:
    packages = needed()
    modules = {
        module
        for module, names in packages_distributions().items()
        if any(canonicalize_name(name) in packages for name in names)
    }
    assert "airflow" not in modules
    world.now = datetime.now(UTC)
    world.beat()
    world.store.delete(PUBLISHED)

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            ONLY_ALLOWED,
            ",".join((*modules, "include", "tools")),
            *world.arguments,
        ],
        cwd=REPOSITORY,
        env=world.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "The public file is missing: its address answers 404.\n"
    assert world.posted() == [":rotating_light: HIGH · The public file is missing"]


def test_the_workflow_keeps_the_memory_and_hands_the_secret_to_the_look_alone() -> None:
    text = (REPOSITORY / ".github/workflows/outside-watch.yml").read_text()
    steps = yaml.safe_load(text)["jobs"]["watch"]["steps"]
    restore, save = (one for one in steps if "cache" in one.get("uses", ""))
    look = next(one for one in steps if one.get("name", "").startswith("Check"))

    kept = str(STATE.relative_to(REPOSITORY))
    assert restore["with"]["path"] == save["with"]["path"] == kept
    # Each run saves a file of its own, which a later run finds by the beginning of its name.
    assert restore["with"]["key"] == save["with"]["key"]
    assert save["with"]["key"].startswith(restore["with"]["restore-keys"])
    assert save["if"].startswith("${{ always() &&")
    assert {WEBHOOK, MENTIONS_VARIABLE, "PUBLIC_URL"} <= set(look["env"])
    assert text.count("secrets.") == 1
    assert (
        look["run"]
        == '"$RUNNER_TEMP/venv/bin/python" -m tools.outside_watch --public-url "$PUBLIC_URL"'
    )


def test_every_package_of_the_runner_is_pinned() -> None:
    pins = read_pins((REPOSITORY / "constraints.txt").read_text())

    assert len(needed()) > 10
    assert needed() <= {canonicalize_name(name) for name in pins}

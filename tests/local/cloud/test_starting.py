"""A command that starts servers: alone, and its servers end with it unless it ends by itself."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from local import commands, marks, processes
from local.home import REPOSITORY, Home, HomeError
from local.starting import AlreadyStartingError, ending, starting, stopping

END_SECONDS = 60

# A command that has started a server, and a child in a session of its own with a title of its own.
# It has recorded neither.
COMMAND = """
import subprocess, sys
from pathlib import Path
from local import processes
from local.home import Home
from local.starting import ending_by_signals, starting

child = "import time; from setproctitle import setproctitle; setproctitle('title ' * 999);" \\
    "print('ready', flush=True); time.sleep(600)"
server = (
    "import subprocess, sys, time;"
    f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True);"
    "time.sleep(600)"
)
home = Home(Path(sys.argv[1]))
with ending_by_signals(), starting(home):
    log = home.logs / "server.log"
    running = processes.start("server", [sys.executable, "-c", server], {}, log)
    processes.wait_until_ready(running, lambda: "ready" in log.read_text(), log, 60)
    print("started", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def command(home: Home) -> Iterator[subprocess.Popen[str]]:
    """A command that has started its servers and waits for a line; it is killed at the end."""
    # It has none of the marks that the tests have.
    environment = {name: value for name, value in os.environ.items() if name != "SPT_NOENV"}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(home.root)],
        cwd=REPOSITORY, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process
    finally:
        process.kill()
        process.communicate()
        processes.stop([], mark=marks.home_mark(home))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "a home")


def guards(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The guards of a command."""
    children = psutil.Process(process.pid).children()
    return [child for child in children if "local.guard" in child.cmdline()]


def left(home: Home) -> list[psutil.Process]:
    """The home's processes once the guard of its last command has ended."""
    with stopping(home):
        pass
    return marks.marked(marks.home_mark(home))


def stopped(home: Home, capsys: pytest.CaptureFixture[str]) -> str:
    """The output of `make stop`."""
    commands.stop(home, Console())
    return capsys.readouterr().out


@pytest.mark.usefixtures("signals_of_a_terminal")
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL], ids=lambda n: n.name
)
def test_the_servers_of_a_command_that_is_ended_end_too(
    number: signal.Signals, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with command(home) as process:
        assert len(marks.marked(marks.home_mark(home))) == 2

        process.send_signal(number)
        process.wait(END_SECONDS)

        if number in (signal.SIGTERM, signal.SIGHUP):
            assert process.returncode == 128 + number
        assert left(home) == []
        assert stopped(home, capsys) == "Not running.\n"


def test_the_servers_of_a_command_that_ends_by_itself_continue_until_they_are_stopped(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with command(home) as process:
        process.communicate("\n", END_SECONDS)

        assert process.returncode == 0
        assert len(left(home)) == 2
        assert stopped(home, capsys) == (
            "Stopped 2 processes that an interrupted command had left.\n"
        )
        assert left(home) == []


def test_a_second_start_at_the_same_time_is_refused_with_what_to_do(home: Home) -> None:
    with command(home) as first:
        with pytest.raises(AlreadyStartingError) as refused, starting(home):
            pytest.fail("two commands start the laptop")

        assert str(refused.value) == (
            f"The laptop is already starting in another terminal (process {first.pid}):"
            " wait until it is ready, or end it with: make stop"
        )
        assert len(marks.marked(marks.home_mark(home))) == 2


def test_stopping_ends_a_start(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with command(home) as process:
        assert stopped(home, capsys) == (
            "Ended the command that was starting the laptop.\nNot running.\n"
        )
        assert process.wait(END_SECONDS) == 128 + signal.SIGTERM
        assert left(home) == []


def test_stopping_ends_a_start_that_is_suspended(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """By Ctrl-Z."""
    with command(home) as process:
        process.send_signal(signal.SIGSTOP)

        assert stopped(home, capsys).startswith("Ended the command that was starting the laptop.")
        assert process.wait(END_SECONDS) == 128 + signal.SIGTERM
        assert left(home) == []


def test_stopping_ends_a_start_that_does_not_react(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_unless_it_continues(pid: int, number: signal.Signals) -> None:
        if number != signal.SIGCONT:
            os.kill(pid, number)

    monkeypatch.setattr("local.starting.PATIENCE_SECONDS", 0.5)
    with command(home) as process:
        process.send_signal(signal.SIGSTOP)
        with monkeypatch.context() as patch:
            patch.setattr("local.processes.send", send_unless_it_continues)
            assert stopped(home, capsys).startswith("Ended the command that was starting")

        assert process.wait(END_SECONDS) == -signal.SIGKILL
        assert left(home) == []


def test_nothing_starts_while_the_laptop_is_being_stopped(home: Home) -> None:
    home.prepare()
    with stopping(home) as has_ended_a_start:
        assert not has_ended_a_start
        with pytest.raises(AlreadyStartingError) as refused, starting(home):
            pytest.fail("a command starts what another one stops")

    assert str(refused.value) == (
        "The laptop is being stopped in another terminal: try again in a minute."
    )
    with starting(home):
        pass


def test_a_process_that_has_a_recorded_id_as_its_session_is_left_alone(
    home: Home, tmp_path: Path
) -> None:
    """As after a restart of the computer, when ids are used again."""
    home.prepare()
    code = (
        "import os, subprocess, sys, time\n"
        "other = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "print(subprocess.Popen(other).pid, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as leader:
        assert leader.stdout
        other = psutil.Process(int(leader.stdout.readline()))
    try:
        record = processes.Running("snowflake", leader.pid, other.create_time() - 1000)
        processes.save(home.processes, [record], {})

        commands.stop(home, Console())

        assert other.is_running()
    finally:
        other.kill()


def test_the_start_after_a_killed_one_waits_until_its_servers_have_ended(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with command(home) as process:
        [guard] = guards(process)
        guard.suspend()
        process.kill()
        process.wait(END_SECONDS)

        with monkeypatch.context() as patch:
            patch.setattr("local.starting.STOPPING_SECONDS", 0.1)
            with pytest.raises(AlreadyStartingError, match="still stopping"), starting(home):
                pytest.fail("the killed command's servers are not stopped yet")

        guard.resume()
        with starting(home):
            assert marks.marked(marks.home_mark(home)) == []


def test_a_user_without_a_name_has_one_for_airflow(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that runs as a number."""

    def refuse() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", refuse)
    monkeypatch.delenv("LOGNAME", raising=False)

    with starting(home):
        assert os.environ["LOGNAME"] == "laptop"


def test_servers_that_outlived_their_guard_are_stopped(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with command(home) as process:
        [guard] = guards(process)
        guard.kill()
        process.kill()
        process.wait(END_SECONDS)
        assert len(left(home)) == 2

        assert stopped(home, capsys).startswith("Stopped 2 processes")
        assert left(home) == []


def test_the_servers_of_a_temporary_laptop_end_with_its_block(home: Home) -> None:
    with ending(home):
        with starting(home):
            sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
            processes.start("server", sleep, {}, home.logs / "server.log")
        assert len(marks.marked(marks.home_mark(home))) == 1

    assert marks.marked(marks.home_mark(home)) == []


def test_another_homes_servers_are_left_alone(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "a home too")
    with command(home):
        commands.stop(other, Console())

        assert len(marks.marked(marks.home_mark(home))) == 2


def test_a_start_leaves_the_environment_of_its_command_as_it_was(home: Home) -> None:
    before = dict(os.environ)

    with starting(home):
        assert os.environ[marks.HOME] == str(home.root)

    assert dict(os.environ) == before


def test_an_ignored_hang_up_stays_ignored(home: Home) -> None:
    """So `nohup make run` survives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with command(home) as process:
            process.send_signal(signal.SIGHUP)
            process.communicate("\n", END_SECONDS)
            assert process.returncode == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_home_that_cannot_be_made_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = Home(tmp_path / "file" / "home")

    with pytest.raises(HomeError) as refused, starting(home):
        pytest.fail("the home is a file's child")

    assert str(refused.value) == (
        f"The laptop's folder {home.root} cannot be written (Not a directory):"
        " set LOCAL_HOME to a folder that can."
    )


def test_a_damaged_record_does_not_keep_servers_running(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with command(home) as process:
        process.communicate("\n", END_SECONDS)
        home.processes.write_text('{"processes": [')

        assert stopped(home, capsys).startswith("Stopped 2 processes")
        assert left(home) == []

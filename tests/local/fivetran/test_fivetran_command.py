"""The server as a command: what it refuses to start with."""

import base64
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from local import processes
from local.credentials import ensure_credentials
from local.fivetran.__main__ import main
from local.ports import HOST, free_ports
from tests.local.fivetran.samples import write_data


@pytest.fixture
def options(tmp_path: Path) -> dict[str, str]:
    write_data(tmp_path)
    return {
        "--port": "0",
        "--data": str(tmp_path / "data"),
        "--faults": str(tmp_path / "faults.json"),
        "--state": str(tmp_path / "state.json"),
        "--api-key": "key",
        "--api-secret": "secret",
        "--snowflake-port": "1",
        "--snowflake-private-key": ensure_credentials(tmp_path / "credentials.json").private_key,
    }


Refusal = Callable[[dict[str, str]], str]


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refusal:
    """Runs the command with options that it refuses, and gives the last line that it writes."""

    def run(options: dict[str, str]) -> str:
        words = [word for option in options.items() for word in option]
        monkeypatch.setattr("sys.argv", ["fivetran", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        return capsys.readouterr().err.splitlines()[-1]

    return run


def test_a_data_folder_that_is_not_there_is_told(options: dict[str, str], refusal: Refusal) -> None:
    missing = str(Path(options["--data"]) / "elsewhere")
    assert "schema.json is missing" in refusal({**options, "--data": missing})


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("schema.json", "{", "not JSON"),
        ("schema.json", '{"schema": "S"}', "needs schema, table and columns"),
        ("schema.json", '{"schema": "S", "table": "T", "columns": {"A": "TEXT"}}', "the key"),
        ("schema.json", '{"schema": "S", "table": "T\\"", "columns": {"ID": "TEXT"}}', "no name"),
        ("schema.json", '{"schema": "S", "table": "T", "columns": {"ID": "X; --"}}', "type"),
        ("rows.json", '{"ID": "a"}', "must be a list"),
    ],
)
def test_a_malformed_data_folder_is_told_at_the_start(
    options: dict[str, str], refusal: Refusal, file: str, content: str, told: str
) -> None:
    path = Path(options["--data"]) / "fivetran" / "airtable" / file
    path.write_text(content, encoding="utf-8")
    line = refusal(options)
    assert str(path) in line
    assert told in line


def test_a_malformed_state_file_is_told_at_the_start(
    options: dict[str, str], refusal: Refusal
) -> None:
    Path(options["--state"]).write_text('{"local_airtable": {"mood": "fine"}}', encoding="utf-8")
    assert "not a state file" in refusal(options)


def test_a_key_that_is_no_key_is_told_at_the_start(
    options: dict[str, str], refusal: Refusal
) -> None:
    encoded = base64.b64encode(b"nothing").decode()
    assert "no PEM private key" in refusal({**options, "--snowflake-private-key": encoded})


def test_the_command_serves_until_it_is_told_to_end(
    options: dict[str, str], tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    words = [word for option in {**options, "--port": str(port)}.items() for word in option]
    log = tmp_path / "log"
    running = processes.start("fivetran", [sys.executable, "-m", "local.fivetran", *words], {}, log)

    def answers() -> bool:
        try:
            return httpx.get(f"http://{HOST}:{port}/health").is_success
        except httpx.HTTPError:
            return False

    try:
        processes.wait_until_ready(running, answers, log, 60)
    finally:
        processes.stop([running])
    assert not running.is_alive()
    assert "Application shutdown complete" in log.read_text(encoding="utf-8")

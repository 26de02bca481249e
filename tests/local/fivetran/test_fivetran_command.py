"""The server's command: invalid options, the start and the end."""

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


ErrorOf = Callable[[dict[str, str]], str]


@pytest.fixture
def error_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> ErrorOf:
    """Run the command with invalid options; return the last line of its error."""

    def run(options: dict[str, str]) -> str:
        words = [word for option in options.items() for word in option]
        monkeypatch.setattr("sys.argv", ["fivetran", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        return capsys.readouterr().err.splitlines()[-1]

    return run


def test_a_missing_data_folder_is_reported(options: dict[str, str], error_of: ErrorOf) -> None:
    missing = str(Path(options["--data"]) / "elsewhere")
    assert "schema.json is missing" in error_of({**options, "--data": missing})


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("schema.json", "{", "not JSON"),
        ("schema.json", '{"schema": "S"}', "needs schema, table and columns"),
        ("schema.json", '{"schema": "S", "table": "T", "columns": {"A": "TEXT"}}', "the key"),
        (
            "schema.json",
            '{"schema": "S", "table": "T\\"", "columns": {"ID": "TEXT"}}',
            "not a valid name",
        ),
        (
            "schema.json",
            '{"schema": "S", "table": "T", "columns": {"ID": "X; --"}}',
            "not a column type",
        ),
        ("rows.json", '{"ID": "a"}', "must be a list"),
    ],
)
def test_a_malformed_data_folder_is_reported_at_the_start(
    options: dict[str, str], error_of: ErrorOf, file: str, content: str, reason: str
) -> None:
    path = Path(options["--data"]) / "fivetran" / "airtable" / file
    path.write_text(content, encoding="utf-8")
    error = error_of(options)
    assert str(path) in error
    assert reason in error


def test_a_malformed_state_file_is_reported_at_the_start(
    options: dict[str, str], error_of: ErrorOf
) -> None:
    Path(options["--state"]).write_text('{"local_airtable": {"mood": "fine"}}', encoding="utf-8")
    assert "not a state file" in error_of(options)


def test_an_invalid_private_key_is_reported_at_the_start(
    options: dict[str, str], error_of: ErrorOf
) -> None:
    encoded = base64.b64encode(b"nothing").decode()
    assert "not a PEM private key" in error_of({**options, "--snowflake-private-key": encoded})


def test_the_command_serves_until_sigterm(options: dict[str, str], tmp_path: Path) -> None:
    (port,) = free_ports(1)
    words = [word for option in {**options, "--port": str(port)}.items() for word in option]
    log = tmp_path / "log"
    running = processes.start("fivetran", [sys.executable, "-m", "local.fivetran", *words], {}, log)

    def responds() -> bool:
        try:
            return httpx.get(f"http://{HOST}:{port}/health").is_success
        except httpx.HTTPError:
            return False

    try:
        processes.wait_until_ready(running, responds, log, 60)
    finally:
        processes.stop([running])
    assert not running.is_alive()
    assert "Application shutdown complete" in log.read_text(encoding="utf-8")

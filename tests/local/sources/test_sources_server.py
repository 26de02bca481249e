"""The server's process, and its reaction to edits of the data folder."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from tests.local.sources.server import Json, Server

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests" / "data" / "small"


def test_edited_data_is_served_at_once(own_server: Server) -> None:
    def edit(content: Json) -> None:
        content["features"][0]["attributes"]["PublicStatus"] = "Edited"

    assert own_server.ids("epa", where="PublicStatus='Edited'") == []
    own_server.rewrite("arcgis/epa/features.json", edit)
    own_server.rewrite("malibu/FireRebuildPoints.json", lambda rows: rows.clear())

    assert own_server.ids("epa", where="PublicStatus='Edited'") == [1]
    assert own_server.rows("fire_rebuild_points") == []


def test_edited_data_is_served_with_a_fault_too(own_server: Server) -> None:
    own_server.break_("epa", "drop-rows")
    assert own_server.query("epa", returnCountOnly="true") == {"count": 13}
    own_server.rewrite("arcgis/epa/features.json", lambda content: content["features"].pop())

    assert own_server.query("epa", returnCountOnly="true") == {"count": 12}


def test_the_last_valid_data_is_served_while_a_file_is_half_written(own_server: Server) -> None:
    file = own_server.data / "arcgis" / "epa" / "features.json"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole[: len(whole) // 2], encoding="utf-8")
    assert own_server.query("epa", returnCountOnly="true") == {"count": 13}

    content = json.loads(whole)
    content["features"].pop()
    file.write_text(json.dumps(content), encoding="utf-8")
    assert own_server.query("epa", returnCountOnly="true") == {"count": 12}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _start(data: Path, faults: Path, port: int) -> subprocess.Popen[str]:
    options = ["--port", str(port), "--data", str(data), "--faults", str(faults)]
    return subprocess.Popen(
        [sys.executable, "-m", "local.sources", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_process_serves_until_sigterm(tmp_path: Path) -> None:
    port = _free_port()
    process = _start(SMALL, tmp_path / "faults.json", port)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any("running on" in line for line in lines)

    health = httpx.get(f"http://127.0.0.1:{port}/health")
    process.terminate()

    assert health.status_code == 200
    assert process.wait(timeout=10) in (0, -15)


def test_the_process_reports_a_missing_file(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "data")
    (tmp_path / "data" / "arcgis" / "usace" / "features.json").unlink()

    process = _start(tmp_path / "data", tmp_path / "faults.json", _free_port())
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "usace/features.json is missing" in output

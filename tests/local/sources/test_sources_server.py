"""The server as a process, what it has seen, and how it follows its data."""

import json
import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.local.sources.server import Json, Server

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests" / "data" / "small"


def test_seen_counts_requests_and_bytes_by_source(server: Server) -> None:
    server.layer("epa")
    server.query("epa", returnCountOnly="true")
    server.rows("fire_rebuild_visit_points")

    seen = server.client.get("/seen").json()
    assert (seen["epa"]["requests"], seen["malibu"]["requests"]) == (2, 1)
    assert seen["malibu"]["bytes"] == len(b'[{"INITIALVISITS":41,"FOLLOWUPVISITS":17}]')
    assert seen["epa"]["in_flight"] == 0


def test_seen_tells_how_many_were_under_way_at_once(server: Server) -> None:
    server.break_("usace", "slow")
    with ThreadPoolExecutor(3) as pool:
        answers = pool.map(lambda _: server.layer("usace"), range(3))
    assert len(list(answers)) == 3

    assert server.client.get("/seen").json()["usace"]["highest_in_flight"] == 3


def test_seen_can_be_reset(server: Server) -> None:
    server.layer("epa")
    server.client.post("/seen/reset").raise_for_status()

    assert server.client.get("/seen").json()["epa"]["requests"] == 0


def test_edited_data_is_served_at_once(own_server: Server) -> None:
    def edit(content: Json) -> None:
        content["features"][0]["attributes"]["PublicStatus"] = "Edited"

    assert own_server.ids("epa", where="PublicStatus='Edited'") == []
    own_server.rewrite("arcgis/epa/features.json", edit)
    own_server.rewrite("malibu/FireRebuildPoints.json", lambda rows: rows.clear())

    assert own_server.ids("epa", where="PublicStatus='Edited'") == [1]
    assert own_server.rows("fire_rebuild_points") == []


def test_edited_data_is_served_through_a_fault_too(own_server: Server) -> None:
    own_server.break_("epa", "drop-rows")
    assert own_server.query("epa", returnCountOnly="true") == {"count": 13}
    own_server.rewrite("arcgis/epa/features.json", lambda content: content["features"].pop())

    assert own_server.query("epa", returnCountOnly="true") == {"count": 12}


def test_a_half_written_file_leaves_the_last_data_standing(own_server: Server) -> None:
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


def test_the_process_answers_health_and_ends_when_told(tmp_path: Path) -> None:
    port = _free_port()
    process = _start(SMALL, tmp_path / "faults.json", port)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any("running on" in line for line in lines)

    health = httpx.get(f"http://127.0.0.1:{port}/health")
    process.terminate()

    assert health.status_code == 200
    assert process.wait(timeout=10) in (0, -15)


def test_the_process_says_which_file_it_lacks(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "data")
    (tmp_path / "data" / "arcgis" / "usace" / "features.json").unlink()

    process = _start(tmp_path / "data", tmp_path / "faults.json", _free_port())
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "usace/features.json is not there" in output

"""One emulated warehouse for the tests of the dbt project, and one build of everything."""

import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from include import warehouse
from local.certificates import ensure_certificates
from local.ports import HOST, free_ports
from local.processes import Running, start, stop, wait_until_ready
from tests.transform.project import Outcome, Project
from tests.transform.rows import EXPECTED, WORLD

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Build:
    """A build's outcome, and the marts' rows as they were right after it."""

    outcome: Outcome
    marts: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def transform_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What dbt's profile reads, for a warehouse that runs while the session lasts."""
    folder = tmp_path_factory.mktemp("transform-warehouse")
    certificates = ensure_certificates(folder / "certificates")
    (port,) = free_ports(1)
    key = folder / "key.pem"
    key.write_bytes(_private_key())
    running = _start(folder, port)
    try:
        url = f"https://{HOST}:{port}/health"
        log = folder / "snowflake.log"
        wait_until_ready(running, lambda: _answers(url, certificates.bundle), log, READY_SECONDS)
        yield {
            "DDRC_ENV": "DEV",
            "DDRC_SCHEMA_PREFIX": "DEVELOPER",
            "REQUESTS_CA_BUNDLE": str(certificates.bundle),
            "SNOWFLAKE_HOST": HOST,
            "SNOWFLAKE_PORT": str(port),
            "SNOWFLAKE_PRIVATE_KEY_PATH": str(key),
        }
    finally:
        stop([running])


@pytest.fixture(scope="session")
def project(
    transform_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """The project, with every raw table loaded and nothing built."""
    made = Project(tmp_path_factory.mktemp("transform-target"), transform_environment)
    kinds = ("RAW", "TRANSFORM", "ANALYTICS")
    names = [f"{kind}_DDRC_{warehouse.ENVIRONMENTS[0]}" for kind in kinds]
    made.execute(*(f"CREATE DATABASE IF NOT EXISTS {name}" for name in names))
    for table, rows in WORLD.items():
        made.load(table, rows)
    return made


@pytest.fixture(scope="session")
def first_build(project: Project) -> Build:
    """`dbt build` of everything, unit tests included, over the rows of `WORLD`."""
    outcome = project.dbt("build")
    assert outcome.success, outcome.messages()
    marts = {name: project.mart(name) for name in [*EXPECTED, "ddrc_metrics"]}
    by_page = project.mart("feedback_by_page_and_week", "PAGE_FEEDBACK")
    return Build(outcome, {**marts, "feedback_by_page_and_week": by_page})


def _start(folder: Path, port: int) -> Running:
    options = ["--certificates", folder / "certificates", "--database-folder", folder / "databases"]
    argv = [sys.executable, "-m", "local.snowflake", "--port", str(port), *map(str, options)]
    return start("snowflake", argv, {}, folder / "snowflake.log")


def _answers(url: str, bundle: Path) -> bool:
    try:
        context = ssl.create_default_context(cafile=bundle)
        return httpx.get(url, verify=context, timeout=2).is_success
    except httpx.HTTPError:
        return False


def _private_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

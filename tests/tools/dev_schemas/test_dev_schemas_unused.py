"""Which schemas are unused, and the use of the command, without an account."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools.acceptance.account import Account
from tools.dev_schemas import build as building
from tools.dev_schemas import schemas as finding
from tools.dev_schemas.__main__ import LOGIN, main
from tools.dev_schemas.schemas import (
    Schema,
    by_prefix,
    custom_schemas,
    find_schemas,
    prefix_of,
    unused,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TRANSFORM, ANALYTICS = "TRANSFORM_DDRC_DEV", "ANALYTICS_DDRC_DEV"


def schema(name: str, days: float, database: str = ANALYTICS) -> Schema:
    prefix = prefix_of(name, ["metrics", "history", "epa", "page_feedback", "feedback"])
    return Schema(database, name, NOW - timedelta(days=days), prefix)


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOGIN, "{}")
    monkeypatch.setenv("DDRC_ENV", "DEV")
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", "ANA")


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("ANA", "ANA"),
        ("ANA_METRICS", "ANA"),
        ("ANA_HISTORY", "ANA"),
        ("ANA_EPA", "ANA"),
        ("ANA_MARIA_EPA", "ANA_MARIA"),
        ("ANA_PAGE_FEEDBACK", "ANA"),
        ("PR_12", "PR_12"),
        ("PR_12_HISTORY", "PR_12"),
        # A source that only the pull request has.
        ("PR_12_LA_CITY", "PR_12"),
        ("PR_123_METRICS", "PR_123"),
        ("PR_X_METRICS", "PR_X"),
        ("ACCEPT_0ACCE970_METRICS", "ACCEPT_0ACCE970"),
        ("ANA_STAGING", "ANA_STAGING"),
        ("METRICS", "METRICS"),
    ],
)
def test_a_schemas_prefix_is_the_one_that_dbt_made_it_with(name: str, prefix: str) -> None:
    assert schema(name, 0).prefix == prefix


@pytest.mark.parametrize(
    ("schemas", "keep", "dropped"),
    [
        ([schema("ANA", 31)], [], ["ANA"]),
        ([schema("ANA", 30)], [], []),
        # The whole prefix lasts as long as its newest schema.
        ([schema("ANA", 99), schema("ANA_METRICS", 1), schema("BEA", 99)], [], ["BEA"]),
        ([schema("ANA", 99), schema("ANA", 1, TRANSFORM)], [], []),
        # Those of one pull request do not save those of another.
        ([schema("PR_1", 99), schema("PR_12", 1)], [], ["PR_1"]),
        ([schema("ANA", 99), schema("BEA", 99)], ["BEA"], ["ANA"]),
        # The deployment's own, and Snowflake's.
        ([schema("DEVELOPER_HISTORY", 99), schema("PUBLIC", 99)], [], []),
        # Of the deployment, from a source that was removed since.
        ([schema("DEVELOPER_LA_CITY", 99)], [], []),
        ([schema("DEVELOPER2_EPA", 99)], [], ["DEVELOPER2"]),
        ([], [], []),
    ],
)
def test_a_prefix_that_nobody_has_built_in_for_more_than_30_days_is_unused(
    schemas: list[Schema], keep: list[str], dropped: list[str]
) -> None:
    assert list(unused(schemas, NOW, keep)) == dropped


def test_every_schema_of_a_prefix_is_dropped_together() -> None:
    schemas = [schema("ANA_METRICS", 40), schema("ANA", 50, TRANSFORM), schema("BEA", 60)]

    assert unused(schemas, NOW, ["BEA"]) == {"ANA": by_prefix(schemas)["ANA"]}
    assert [one.name for one in by_prefix(schemas)["ANA"]] == ["ANA_METRICS", "ANA"]


class Answers(Account):
    """An account with two schemas of TRANSFORMER, and one of another role."""

    def table(self, role: str, sql: str) -> list[dict[str, Any]]:
        made = NOW - timedelta(days=50)
        owners = {"ANA": "TRANSFORMER_DDRC_DEV", "EMPTY": "TRANSFORMER_DDRC_DEV", "OLD": "SYSADMIN"}
        return [
            {"name": name, "owner": owner, "created_on": made} for name, owner in owners.items()
        ]

    def run(self, role: str, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return [("ANA", NOW - timedelta(days=2)), ("OLD", NOW)]


def test_a_schema_is_as_young_as_what_was_last_changed_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DDRC_ENV", "DEV")
    monkeypatch.setattr(finding, "custom_schemas", lambda: {"metrics"})
    found = find_schemas(Answers("test"))

    assert {(one.name, (NOW - one.built_at).days) for one in found} == {("ANA", 2), ("EMPTY", 50)}
    assert list(unused(found, NOW, [])) == ["EMPTY"]


def test_the_custom_schemas_are_those_of_the_dbt_project(tmp_path: Path) -> None:
    nodes = {
        "a": {"config": {"schema": "metrics"}},
        "b": {"config": {"schema": None}},
        "c": {"config": {}},
        "d": {"config": {"schema": "page_feedback"}},
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": nodes}))

    assert custom_schemas(manifest) == {"metrics", "page_feedback"}


@pytest.mark.usefixtures("login")
def test_without_a_manifest_nothing_is_dropped_and_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = tmp_path / "manifest.json"
    monkeypatch.setattr(finding, "custom_schemas", lambda: custom_schemas(missing))

    assert main(["drop", "PR_1"]) == 1
    assert capsys.readouterr().err == f"{missing} does not exist; make it with: make manifest\n"


@pytest.mark.parametrize(
    ("arguments", "variables", "text"),
    [
        (["expire"], {"DDRC_ENV": "PRD"}, "This tool works in DEV only: set DDRC_ENV to DEV."),
        (["expire"], {"DDRC_ENV": "TEST"}, "DDRC_ENV is 'TEST'; set it to one of DEV, PRD."),
        (["expire"], {LOGIN: ""}, f"There is no login: set {LOGIN}, as docs/secrets.md says."),
        (
            ["drop", "developer"],
            {},
            "DEVELOPER belongs to the deployment or to Snowflake: it is never dropped.",
        ),
        (["drop", "DEVELOPER_EPA"], {}, "DEVELOPER_EPA belongs to the deployment"),
        (["drop", "PUBLIC"], {}, "PUBLIC belongs to the deployment or to Snowflake"),
        (["drop", "PR_%"], {}, "'PR_%' is not a prefix: letters, digits and underscores."),
        (["drop", ""], {}, "'' is not a prefix: letters, digits and underscores."),
        (["build"], {"DDRC_SCHEMA_PREFIX": "DEVELOPER"}, "Set DDRC_SCHEMA_PREFIX to your name"),
    ],
)
@pytest.mark.usefixtures("login")
def test_wrong_use_is_refused_before_any_login(
    arguments: list[str],
    variables: dict[str, str],
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(text)


@contextmanager
def profile() -> Iterator[tuple[Path, dict[str, str]]]:
    yield Path("/profiles/profiles.yml"), {"COSMOS_KEY": "key"}


@pytest.mark.parametrize("code", [0, 1, 2])
@pytest.mark.usefixtures("login")
def test_a_build_has_dbts_exit_code_and_changes_nothing_in_the_checkout(
    code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], env: dict[str, str], check: bool) -> SimpleNamespace:
        ran.append((command, env))
        assert os.path.isdir(Path(command[command.index("--target-path") + 1]).parent)
        return SimpleNamespace(returncode=code)

    monkeypatch.setattr(building, "subprocess", SimpleNamespace(run=run))
    # The real one imports Airflow and Cosmos; the acceptance's tests build with it.
    imitation = SimpleNamespace(profile_config=lambda _: SimpleNamespace(ensure_profile=profile))
    monkeypatch.setitem(sys.modules, "include.pipeline.transform", imitation)

    assert main(["build", "--", "--select", "tag:epa"]) == code
    [(command, environment)] = ran
    options = dict(zip(command[2:-2:2], command[3:-2:2], strict=True))
    assert command[1] == "build"
    assert command[-2:] == ["--select", "tag:epa"]
    assert options["--profiles-dir"] == "/profiles"
    assert options["--target"] == "dev"
    for place in ("--target-path", "--log-path"):
        assert not options[place].startswith(options["--project-dir"])
    assert environment["COSMOS_KEY"] == "key"
    assert environment["AIRFLOW_CTX_DAG_ID"] == building.TAG
    # Unit tests are a part of the build, unlike in Airflow's tasks.
    assert "DBT_EXCLUDE_RESOURCE_TYPES" not in environment

"""The checklist on the laptop: every line passes, and each one fails by its fault."""

import json
import os
from datetime import timedelta

import pytest
from airflow.models.dag import DagModel
from airflow.utils.session import create_session
from azure.storage.blob import CorsRule
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from include.incidents.on_call import STAFF
from include.publishing.heartbeat import HEARTBEAT, write_heartbeat
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from include.publishing.versions import PUBLISHED
from include.times import utc_now
from local.faults import set_fault
from local.ports import HOST, free_ports
from tests.serving import serving
from tests.slack import Slack
from tests.tools.acceptance.conftest import administer
from tests.tools.preflight.conftest import Break, Laptop
from tools.acceptance.outcomes import Status
from tools.preflight import cli
from tools.preflight.airflow_checks import DAGS
from tools.preflight.checks import CHECKS, chosen, run_checks
from tools.preflight.deployment import Deployment

SNOWFLAKE = ("snowflake", "snowflake_loader")
SOON = (utc_now() + timedelta(days=5)).date().isoformat()
FAR = (utc_now() + timedelta(days=300)).date().isoformat()


def test_every_line_passes_and_nothing_is_left(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    posted = len(Slack(laptop.cloud.url("slack")).messages())

    code = cli.main([])

    lines = capsys.readouterr().out.splitlines()
    results = [line.split()[0] for line in lines[1:-2] if line[0] != " "]
    assert (code, set(results)) == (0, {"PASS"}), "\n".join(lines)
    assert len(results) == sum(len(check.subjects) for check in CHECKS)
    assert lines[-1] == f"{len(results)} PASS, 0 FAIL, 0 NOT PERMITTED."
    assert len(Slack(laptop.cloud.url("slack")).messages()) == posted
    for container in (CANDIDATES_CONTAINER, VERSIONS_CONTAINER, PUBLIC_CONTAINER):
        assert laptop.store.paths(container, "preflight") == ()


def refuses_connections() -> dict[str, object]:
    return {"host": HOST, "port": free_ports(1)[0]}


def lose_the_cors_rules(laptop: Laptop) -> None:
    laptop.service.set_service_properties(cors=[])


def allow_another_page(laptop: Laptop) -> None:
    rule = CorsRule(["https://other.example"], ["GET"], allowed_headers=["*"])
    laptop.service.set_service_properties(cors=[rule])


def beat_an_hour_ago(laptop: Laptop) -> None:
    write_heartbeat(laptop.store, utc_now() - timedelta(hours=1))


def deny_the_monitor(laptop: Laptop) -> None:
    administer(
        laptop.cloud,
        "REVOKE MONITOR ON RESOURCE MONITOR DDRC_DEV FROM ROLE TRANSFORMER_DDRC_DEV",
    )


FAULTS: dict[str, tuple[str, str, Break, str]] = {
    "no environment": (
        "environment", "", lambda on: on.patch.delenv("DDRC_ENV"), "DDRC_ENV is not set",
    ),
    "another environment": (
        "environment", "", lambda on: on.patch.setenv("DDRC_ENV", "TEST"), "DDRC_ENV is 'TEST'",
    ),
    "no login": (
        *SNOWFLAKE, lambda on: on.patch.delenv("AIRFLOW_CONN_SNOWFLAKE_LOADER"),
        "The connection snowflake_loader is not configured.",
    ),
    "not JSON": (
        *SNOWFLAKE,
        lambda on: on.patch.setenv("AIRFLOW_CONN_SNOWFLAKE_LOADER", '{"login": hunter2'),
        "The value of the connection snowflake_loader cannot be read",
    ),
    "the example's key": (
        *SNOWFLAKE, lambda on: on.extra("snowflake_loader", private_key_content="…"),
        "has the … of the example",
    ),
    "another user": (
        *SNOWFLAKE, lambda on: on.connection("snowflake_loader", login="NOBODY_DDRC_DEV"), "",
    ),
    "another role": (
        *SNOWFLAKE, lambda on: on.extra("snowflake_loader", role="REPORTER_DDRC_DEV"), "",
    ),
    "another database": (
        *SNOWFLAKE, lambda on: on.extra("snowflake_loader", database="ANALYTICS_DDRC_DEV"), "",
    ),
    "a warehouse of others": (
        *SNOWFLAKE, lambda on: on.extra("snowflake_loader", warehouse="REPORTING_XS_DDRC_DEV"), "",
    ),
    "no storage": (
        "storage", "", lambda on: on.patch.delenv("AIRFLOW_CONN_AZURE_STORAGE"),
        "The connection azure_storage is not configured.",
    ),
    "no container": (
        "storage", "",
        lambda on: on.service.delete_container(VERSIONS_CONTAINER), "container",
    ),
    "no CORS": ("public address", "", lose_the_cors_rules, "access-control-allow-origin: nothing"),
    "another page's CORS": (
        "public address", "", allow_another_page, "access-control-allow-origin",
    ),
    "no file": (
        "public file", "", lambda on: on.store.delete(PUBLISHED), "The public file is missing",
    ),
    "another file": (
        "public file", "", lambda on: on.store.write(PUBLISHED, b"[]"), "The public file",
    ),
    "no heartbeat": (
        "heartbeat", "", lambda on: on.store.delete(HEARTBEAT), "the heartbeat is missing",
    ),
    "an old heartbeat": ("heartbeat", "", beat_an_hour_ago, "the last complete check was 1 h"),
    "a source that fails": (
        "source", "usace",
        lambda on: set_fault(on.cloud.home.faults, "usace", "error-500"), "usace",
    ),
    "a list that fails": (
        "source", "malibu",
        lambda on: set_fault(on.cloud.home.faults, "malibu", "rename-columns"), "",
    ),
    "a source's connection that is not JSON": (
        "source", "epa", lambda on: on.patch.setenv("AIRFLOW_CONN_SOURCE_EPA", "{hunter2"),
        "The value of the connection source_epa cannot be read",
    ),
    "an optional connection that is not JSON": (
        "github", "", lambda on: on.patch.setenv("AIRFLOW_CONN_GITHUB", "{hunter2"),
        "The value of the connection github cannot be read",
    ),
    "a bundle that is missing": (
        "source", "usace",
        lambda on: on.connection("source_usace", extra={"ca_bundle": "/nowhere/usace.pem"}),
        "/nowhere/usace.pem",
    ),
    "no connector": (
        "fivetran", "airtable", lambda on: on.variable("fivetran_connector_airtable", None),
        "The Variable fivetran_connector_airtable is not set.",
    ),
    "an unknown connector": (
        "fivetran", "airtable", lambda on: on.variable("fivetran_connector_airtable", "other"),
        "Check the Airflow Variable fivetran_connector_airtable.",
    ),
    "another connector": (
        "fivetran", "airtable",
        lambda on: on.variable("fivetran_connector_airtable", page_feedback_id()), "",
    ),
    "a revoked key": (
        "fivetran", "airtable", lambda on: on.connection("fivetran", password="dummy-revoked"),
        "Check the key in the Airflow connection fivetran.",
    ),
    "no webhook": (
        "slack", "", lambda on: on.patch.delenv("AIRFLOW_CONN_SLACK_INCIDENTS"),
        "The connection slack_incidents is not configured.",
    ),
    "half a webhook": (
        "slack", "", lambda on: on.connection("slack_incidents", password="T000/B000/dummy"),
        "is not a webhook's whole address",
    ),
    "a removed webhook": (
        "slack", "",
        lambda on: on.connection(
            "slack_incidents", password=f"{on.cloud.url('slack')}/services/T1/B1/removed"
        ),
        "Slack answers 404 no_service.",
    ),
    "no repository": (
        "github", "", lambda on: on.variable("incident_repository", None),
        "The Variable incident_repository is not set.",
    ),
    "not a repository": (
        "github", "", lambda on: on.variable("incident_repository", "https://github.com/a/b"),
        "is not owner/name",
    ),
    "GitHub is out of reach": (
        "github", "",
        lambda on: on.connection(
            "github", conn_type="http", schema="http", password="dummy", **refuses_connections()
        ),
        "GitHub is out of reach: ConnectError.",
    ),
    "nobody to mention": (
        "people", "", lambda on: on.variable("incident_mentions", None),
        "The Variable incident_mentions is not set.",
    ),
    "mentions that are not JSON": (
        "people", "", lambda on: on.variable("incident_mentions", "U0DUMMY"), "is not JSON",
    ),
    "no staff": (
        "people", "",
        lambda on: on.variable("incident_mentions", '{"Analytica on-call": "U0CALL"}'),
        f"no Slack id for {STAFF}",
    ),
    "nobody on call": (
        "people", "", lambda on: on.variable("incident_mentions", json.dumps({STAFF: "S0STAFF"})),
        "no Slack id for Analytica engineer 1",
    ),
    "a secret that ends": (
        "secret dates", "",
        lambda on: on.variable("secret_end_dates", json.dumps({"github": SOON, "x": FAR})),
        f"The secret of github ends on {SOON}",
    ),
    "dates that are not JSON": (
        "secret dates", "", lambda on: on.variable("secret_end_dates", SOON),
        "is not a JSON object of dates",
    ),
    "Azure's secret without a date": (
        "secret dates", "", lambda on: on.connection("azure_storage", password="dummy"),
        "has no date for it",
    ),
    "no API": (
        "airflow_api", "", lambda on: on.patch.delenv("AIRFLOW_CONN_AIRFLOW_API"),
        "The connection airflow_api is not configured.",
    ),
    "an API that does not answer": (
        "airflow_api", "", lambda on: on.connection("airflow_api", **refuses_connections()),
        "Airflow's API does not answer",
    ),
    "the API's whole address": (
        "airflow_api", "", lambda on: on.connection("airflow_api", host="https://x.example/api/v2"),
        "without the scheme and /api/v2",
    ),
}  # fmt: skip


def page_feedback_id() -> str:
    """The id of the connector of another source."""
    return os.environ["AIRFLOW_VAR_FIVETRAN_CONNECTOR_PAGE_FEEDBACK"]


@pytest.mark.parametrize("name", FAULTS)
def test_each_line_fails_by_its_fault(name: str, laptop: Laptop) -> None:
    check, subject, fault, said = FAULTS[name]
    assert laptop.check(check, subject).status is Status.PASS

    fault(laptop)

    found = laptop.check(check, subject)
    assert found.status is Status.FAIL, found.detail
    assert said in found.detail
    assert "hunter2" not in found.detail


def test_a_line_for_each_check_has_a_fault() -> None:
    apart = {"credits", "dag"}
    assert {check for check, *_ in FAULTS.values()} | apart == {check.id for check in CHECKS}


def test_a_monitor_that_is_not_seen_fails(laptop: Laptop) -> None:
    deny_the_monitor(laptop)
    try:
        found = laptop.check("credits")
    finally:
        administer(
            laptop.cloud,
            "GRANT MONITOR ON RESOURCE MONITOR DDRC_DEV TO ROLE TRANSFORMER_DDRC_DEV",
        )
    assert found.status is Status.FAIL
    assert "shows no resource monitor DDRC_DEV" in found.detail


@pytest.mark.parametrize("dag", ["epa", "publish_metrics", "watch_publication"])
def test_a_paused_dag_fails(dag: str, laptop: Laptop) -> None:
    pause(dag, is_paused=True)
    try:
        found = [one for _, one in run_checks(Deployment(), chosen(["dag"]))]
    finally:
        pause(dag, is_paused=False)
    assert {one.subject for one in found if one.check == "dag"} == set(DAGS)
    failed = {one.name: one.detail for one in found if one.status is not Status.PASS}
    assert failed == {f"dag {dag}": f"{dag} is paused."}


def test_a_dag_that_is_not_deployed_fails(laptop: Laptop) -> None:
    with create_session() as session:
        session.execute(update(DagModel).where(DagModel.dag_id == "epa").values(is_stale=True))
    try:
        found = laptop.check("dag", "epa")
    finally:
        with create_session() as session:
            session.execute(update(DagModel).where(DagModel.dag_id == "epa").values(is_stale=False))
    assert (found.status, found.detail) == (Status.FAIL, "epa is not deployed.")


def test_without_the_api_no_dag_is_said_to_be_right_or_wrong(laptop: Laptop) -> None:
    laptop.patch.delenv("AIRFLOW_CONN_AIRFLOW_API")
    found = laptop.check("dag", "epa")
    assert found.status is Status.NOT_PERMITTED
    assert found.detail == "It was not tried, because airflow_api did not pass."


def test_before_the_first_publication_the_file_is_open_and_the_address_is_right(
    laptop: Laptop,
) -> None:
    for container in (PUBLIC_CONTAINER, VERSIONS_CONTAINER, CANDIDATES_CONTAINER):
        for path in laptop.store.list(container):
            laptop.service.get_blob_client(container, path).delete_blob()
    assert laptop.check("public address").status is Status.PASS
    found = laptop.check("public file")
    assert (found.status, found.detail) == (
        Status.NOT_PERMITTED, "Nothing has been published yet.",
    )  # fmt: skip


def test_a_private_container_fails(laptop: Laptop) -> None:
    container = laptop.service.get_container_client(PUBLIC_CONTAINER)
    container.set_container_access_policy({})
    try:
        found = laptop.check("public address")
    finally:
        container.set_container_access_policy({}, public_access="blob")
    assert found.status is Status.FAIL
    assert "A file in the public container is" in found.detail


@pytest.mark.parametrize(("status", "passes"), [(200, True), (401, False), (404, False)])
def test_githubs_token_has_to_see_the_issues(status: int, passes: bool, laptop: Laptop) -> None:
    def issues(_: object) -> JSONResponse:
        return JSONResponse([], status_code=status)

    app = Starlette(routes=[Route("/repos/dummy-owner/ddrc-data-pipelines/issues", issues)])
    with serving(app) as url:
        host, port = url.removeprefix("http://").split(":")
        laptop.connection(
            "github", conn_type="http", schema="http", host=host, port=int(port), password="dummy"
        )
        found = laptop.check("github")
    assert (found.status is Status.PASS) is passes
    assert passes or f"GitHub answers {status}" in found.detail


def test_in_production_the_examples_people_and_ids_fail(laptop: Laptop) -> None:
    laptop.patch.setenv("DDRC_ENV", "PRD")
    found = laptop.check("people")
    assert found.status is Status.FAIL
    assert "rotation.yaml still has the example's names: Analytica engineer 1" in found.detail


def pause(dag: str, *, is_paused: bool) -> None:
    """Pause or unpause a DAG, as a person does."""
    with create_session() as session:
        session.execute(update(DagModel).where(DagModel.dag_id == dag).values(is_paused=is_paused))

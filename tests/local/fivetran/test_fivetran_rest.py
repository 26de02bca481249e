"""The REST API's responses."""

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from include.times import utc_now
from local.fivetran import rate_limit
from local.fivetran.rate_limit import RateLimit
from local.fivetran.records import Records, parse_time
from tests.local.fivetran.conftest import Account, AccountServer, OpenAccount
from tests.local.fivetran.samples import AIRTABLE, FEEDBACK, write_data

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_a_request_without_the_right_key_is_refused_except_for_readiness(
    account: Account,
) -> None:
    for key in (None, ("key", "wrong"), ("wrong", "secret"), ("", "")):
        answer = account.client.get(f"/v1/connectors/{AIRTABLE}", auth=key)
        assert answer.status_code == 401, key
        assert answer.json()["code"] == "AuthFailed"
    assert account.client.get("/health", auth=None).status_code == 200


def test_connectors_and_connections_respond_alike(account: Account) -> None:
    for noun in ("connector", "connection"):
        found = account.client.get(f"/v1/{noun}s/{AIRTABLE}").json()
        assert found["code"] == "Success"
        assert found["data"] == account.connector(AIRTABLE)
        unknown = account.client.get(f"/v1/{noun}s/nobody")
        assert unknown.status_code == 404
        assert unknown.json()["code"] == f"NotFound_{noun.capitalize()}"


def test_a_connector_that_never_synced_is_scheduled_and_historical(account: Account) -> None:
    found = account.connector(AIRTABLE)
    assert (found["paused"], found["succeeded_at"], found["failed_at"]) == (False, None, None)
    assert found["status"]["sync_state"] == "scheduled"
    assert found["status"]["setup_state"] == "connected"
    assert found["status"]["is_historical_sync"] is True
    assert (found["service"], found["schema"]) == ("airtable", "base")


def test_a_sync_passes_from_syncing_to_scheduled(account: Account) -> None:
    account.break_("airtable", "stuck")
    answer = account.start(AIRTABLE)
    assert answer.json() == {
        "code": "Success",
        "message": f"Sync has been successfully triggered for connector with id '{AIRTABLE}'",
    }
    assert account.connector(AIRTABLE)["status"]["sync_state"] == "syncing"
    account.fix()
    found = account.wait(AIRTABLE)
    assert found["status"]["sync_state"] == "scheduled"
    assert found["status"]["is_historical_sync"] is False
    assert TIME.fullmatch(found["succeeded_at"])


def test_every_sync_ends_later_than_the_one_before(account: Account) -> None:
    ends = [account.sync(AIRTABLE)["succeeded_at"] for _ in range(2)]
    assert ends[0] < ends[1]


def test_a_clock_that_is_set_back_does_not_hide_the_end_of_a_sync(tmp_path: Path) -> None:
    records = Records(tmp_path / "state.json", [AIRTABLE])
    records.update(AIRTABLE, succeeded_at="2999-12-31T23:59:59.999999Z")
    assert records.end_time(AIRTABLE) == "3000-01-01T00:00:00.000000Z"


def test_a_forced_sync_stops_the_running_one(account: Account) -> None:
    account.break_("airtable", "stuck")
    account.start(AIRTABLE)
    (first,) = [each for each in threading.enumerate() if each.name == AIRTABLE]
    account.start(AIRTABLE)
    first.join(10)
    assert not first.is_alive()
    assert account.connector(AIRTABLE)["status"]["sync_state"] == "syncing"
    account.fix()
    assert account.wait(AIRTABLE)["succeeded_at"]
    assert account.rows("SELECT COUNT(*) FROM BASE.METRICS") == [(2,)]


def test_an_unforced_sync_does_not_stop_the_running_one(account: Account) -> None:
    account.break_("airtable", "stuck")
    account.start(AIRTABLE, "sync")
    assert account.start(AIRTABLE, "sync").status_code == 200
    assert account.start(AIRTABLE, "resync").status_code == 409
    account.fix()
    assert account.wait(AIRTABLE)["succeeded_at"]


def test_pausing_stops_a_sync_before_it_lands(account: Account) -> None:
    account.break_("airtable", "stuck")
    account.start(AIRTABLE)
    paused = account.client.patch(f"/v1/connectors/{AIRTABLE}", json={"paused": True})
    assert paused.json()["data"]["status"]["sync_state"] == "paused"
    account.fix()
    assert account.client.post(f"/v1/connectors/{AIRTABLE}/force").status_code == 409
    assert account.connector(AIRTABLE)["succeeded_at"] is None


def test_a_rescheduled_sync_stays_so_until_somebody_starts_another_one(account: Account) -> None:
    account.break_("airtable", "rescheduled")
    before = utc_now()
    found = account.sync(AIRTABLE)
    assert found["status"]["sync_state"] == "rescheduled"
    until = parse_time(found["status"]["rescheduled_for"])
    assert timedelta(0) < until - before < timedelta(minutes=5)
    assert (found["succeeded_at"], found["failed_at"]) == (None, None)
    account.fix()
    assert account.connector(AIRTABLE) == found
    found = account.sync(AIRTABLE, "sync")
    assert (found["status"]["sync_state"], found["status"]["rescheduled_for"]) == (
        "scheduled",
        None,
    )
    assert found["succeeded_at"]


def test_a_connector_whose_authorization_expired_is_broken_and_its_syncs_fail(
    account: Account,
) -> None:
    account.break_("airtable", "broken")
    tested = account.client.post(f"/v1/connectors/{AIRTABLE}/test").json()["data"]
    assert tested["status"]["setup_state"] == "broken"
    assert tested["setup_tests"][0]["status"] == "FAILED"
    found = account.sync(AIRTABLE)
    assert found["failed_at"]
    assert found["status"]["tasks"][0]["code"] == "reconnect"
    account.fix()
    assert account.connector(AIRTABLE)["status"]["setup_state"] == "connected"


def test_an_invalid_setting_is_refused(account: Account) -> None:
    before = account.connector(AIRTABLE)
    for body in (
        b'{"schedule_type": "never"}',
        b'{"paused": "yes"}',
        b'{"colour": "red"}',
        b'{"config": {"sync_mode": "UsePackedModeOnly"}}',
        b"{",
    ):
        answer = account.client.patch(f"/v1/connectors/{AIRTABLE}", content=body)
        assert answer.status_code == 400, body
    assert account.connector(AIRTABLE) == before


def test_the_state_survives_a_restart(open_account: OpenAccount, tmp_path: Path) -> None:
    write_data(tmp_path)
    first = open_account(tmp_path)
    first.client.patch(f"/v1/connectors/{FEEDBACK}", json={"schedule_type": "manual"})
    before = first.sync(FEEDBACK)
    first.break_("airtable", "stuck")
    first.start(AIRTABLE)
    first.stop()
    second = open_account(tmp_path)
    assert second.connector(FEEDBACK) == before
    assert second.connector(AIRTABLE)["status"]["sync_state"] == "scheduled"


def test_the_account_has_one_group_one_destination_and_its_connectors(account: Account) -> None:
    def items(path: str) -> list[dict[str, Any]]:
        return list(account.client.get(path).raise_for_status().json()["data"]["items"])

    (group,) = items("/v1/groups")
    for path in (f"/v1/groups/{group['id']}/connectors/", "/v1/connections"):
        assert {each["id"] for each in items(path)} == {AIRTABLE, FEEDBACK}
    destination = account.client.get(f"/v1/destinations/{group['id']}").json()["data"]
    assert destination["config"]["database"] == account.destination.database
    assert account.client.get("/v1/groups/nobody").status_code == 404
    assert len(items("/v1/users")) == 1


def test_every_error_has_a_code_and_a_message_that_do_not_vary(account: Account) -> None:
    path = f"/v1/connectors/{AIRTABLE}"

    def error(method: str, path: str, **options: Any) -> tuple[int, dict[str, str]]:
        answers = [account.client.request(method, path, **options) for _ in range(2)]
        assert answers[0].json() == answers[1].json(), "Fivetran documents neither ids nor times"
        return answers[0].status_code, answers[0].json()

    assert error("GET", path, auth=("key", "wrong")) == (
        401,
        {"code": "AuthFailed", "message": "Invalid authorization credentials"},
    )
    assert error("GET", "/v1/connectors/nobody") == (
        404,
        {"code": "NotFound_Connector", "message": "Connector with id 'nobody' does not exist."},
    )
    assert error("GET", "/v1/nothing") == (
        404,
        {"code": "NotFound", "message": "Not Found: GET /v1/nothing"},
    )
    assert error("PUT", path) == (
        405,
        {"code": "MethodNotAllowed", "message": f"Method Not Allowed: PUT {path}"},
    )
    account.client.patch(path, json={"paused": True})
    assert error("POST", f"{path}/force") == (
        409,
        {"code": "Conflict", "message": f"The connector '{AIRTABLE}' is paused."},
    )
    account.break_("airtable", "error-500")
    assert error("GET", path) == (
        500,
        {"code": "InternalServerError", "message": "The fault error-500 is set."},
    )


def test_an_account_may_send_a_number_of_requests_in_any_hour(
    account: Account, account_server: AccountServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(rate_limit, "monotonic", lambda: clock[0])
    assert account_server.app is not None
    monkeypatch.setattr(account_server, "app", RateLimit(account_server.app, requests=2))

    def call(at: float) -> tuple[int, str | None, str | None]:
        clock[0] = at
        answer = account.client.get("/v1/users")
        remaining, wait = (
            answer.headers.get(name) for name in ("X-Rate-Limit-Remaining", "Retry-After")
        )
        return answer.status_code, remaining, wait

    assert call(0) == (200, "1", None)
    assert call(100) == (200, "0", None)
    assert call(1000.5) == (429, None, "2600")
    assert call(3600) == (200, "0", None)
    assert call(3601) == (429, None, "99")
    assert account.client.get("/v1/users").json() == {
        "code": "TooManyRequests",
        "message": "No more than 2 requests can be sent hourly",
    }

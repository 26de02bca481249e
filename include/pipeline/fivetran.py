"""Requests to Fivetran's API that fail with Fivetran's own code, message and reason.

It replaces private methods of the provider's hook. The provider (2.4.0) fails with `'data'` for
a refusal in its trigger, with a body in JSON for one in an operator, without any text after three
attempts, and waits for ever for an answer. It also unpauses a connector that somebody has paused,
and sleeps in the triggerer's event loop until a rescheduled sync is due. Tests fail when the
provider does better (tests/pipeline/test_sync_refusals.py and test_sync_waiting.py). No upstream
issue is known.
"""

import json
import time
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from fivetran_provider_async.hooks import FivetranHook

from include.https import trusted
from include.pipeline.sync_state import (
    Phase,
    is_not_set_up,
    is_paused,
    last_end,
    parse_time,
    phase_of,
    reason,
)
from include.times import california_time, utc_now

REQUEST_SECONDS = 60.0

# DynamoDB's pack mode in which a row is one JSON column; it is Fivetran's default
# (https://fivetran.com/docs/connectors/databases/dynamodb/api-configuration).
PACKED = "UsePackedModeOnly"

log = structlog.get_logger(__name__)


class FivetranError(AirflowException):
    """Fivetran refused a request or did not answer; a retry may help."""


class FivetranApi(FivetranHook):  # type: ignore[misc]  # The provider has no type annotations.
    """The provider's hook, with clear errors, which leaves a paused connector paused.

    Args:
        connection_id: The Airflow connection with the API's key.
        variable: The Airflow Variable with the connector's id, which an error names.

    Attributes:
        details: The connector's details, as Fivetran last answered; `None` before.
    """

    def __init__(self, connection_id: str, variable: str) -> None:
        super().__init__(connection_id)
        self.variable = variable
        self.details: dict[str, Any] | None = None

    def _do_api_call(self, method: str, endpoint: str = "", **kwargs: Any) -> dict[str, Any]:
        """Send a request; up to three times if Fivetran has an error or does not answer.

        Returns:
            The answer's JSON.

        Raises:
            AirflowFailException: Fivetran refuses the key or does not know the connector.
            FivetranError: Any other refusal, or no answer.
        """
        url = f"{self.api_protocol}://{self.api_host}/{endpoint}"
        options = self._prepare_api_call_kwargs(method, endpoint, **kwargs)
        attempt = 1
        while True:
            problem: AirflowException
            try:
                answer = httpx.request(
                    method,
                    url,
                    timeout=REQUEST_SECONDS,
                    follow_redirects=True,
                    verify=trusted(),
                    **options,
                )
                if answer.is_success:
                    body = answer.json()
                    return body if isinstance(body, dict) else {}
                problem = self._refused(answer)
                if not answer.is_server_error:
                    raise problem
            except (httpx.TransportError, ValueError) as error:
                text = str(error) or type(error).__name__
                problem = FivetranError(f"API request to Fivetran failed {attempt} times: {text}")
            if attempt >= self.retry_limit:
                raise problem
            log.warning("Attempt %d: %s", attempt, problem)
            attempt += 1
            time.sleep(self.retry_delay)

    def _refused(self, answer: httpx.Response) -> AirflowException:
        checks: dict[int, str] = {
            HTTPStatus.UNAUTHORIZED: f"the key in the Airflow connection {self.conn_id}",
            HTTPStatus.FORBIDDEN: f"the rights of the key in the Airflow connection {self.conn_id}",
            HTTPStatus.NOT_FOUND: f"the Airflow Variable {self.variable}",
        }
        text = refusal(answer.status_code, answer.reason_phrase, answer.text)
        if check := checks.get(answer.status_code):
            return AirflowFailException(f"{text} Check {check}.")
        if seconds := answer.headers.get("Retry-After"):
            return FivetranError(f"{text} Fivetran accepts requests again in {seconds} s.")
        return FivetranError(text)

    def get_connector(self, connector_id: str) -> dict[str, Any]:
        """The details of a connector.

        Raises:
            FivetranError: The answer has no details.
        """
        return self._details("GET", connector_id)

    def test_connector(self, connector_id: str) -> dict[str, Any]:
        """The details of a connector after its setup tests.

        Raises:
            FivetranError: The answer has no details.
        """
        return self._details("POST", f"{connector_id}/test", json={})

    def _details(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._do_api_call(method, f"{self.api_path_connectors}{path}", **options)
        details = answer.get("data")
        if not isinstance(details, dict) or not isinstance(details.get("status"), dict):
            raise FivetranError(
                f"The answer of {self.api_host} to {method} {path} has no connector's status: it "
                "may be a proxy's, so check the network's way to Fivetran."
            )
        self.details = details
        return details

    def check_connector(self, connector_id: str) -> dict[str, Any]:
        """The details of a connector that can sync.

        Raises:
            AirflowFailException: Somebody has paused it, its setup is broken or incomplete, or it
                delivers packed rows.
        """
        details = self.get_connector(connector_id)
        if is_paused(details):
            raise self._cannot_sync(details)
        if is_not_set_up(details):
            # Its setup tests: the source may accept the authorization again.
            details = self.test_connector(connector_id)
            if is_not_set_up(details):
                raise self._cannot_sync(details)
        if (details.get("config") or {}).get("sync_mode") == PACKED:
            setup = self._connector_ui_url_setup(details["service"], details["schema"])
            raise AirflowFailException(
                f"The Fivetran connector {_name(details)} delivers each row as one JSON column: "
                f"choose Unpacked mode at {setup}, let it re-sync its table, then clear sync."
            )
        return details

    def start_sync(self, connector_id: str, *, force: bool) -> str:
        """Start a sync, which from now on only this pipeline schedules.

        The provider would unpause a connector that somebody has paused.

        Args:
            connector_id: The connector.
            force: Whether to stop a running sync; without it, a running sync is the one.

        Returns:
            The end of the sync before, ISO 8601; the beginning of 1970 if there is none.

        Raises:
            AirflowFailException: The connector cannot sync.
        """
        details = self.check_connector(connector_id)
        if details.get("schedule_type") != "manual":
            self.set_schedule_type(connector_id, "manual")
        self._request_sync(connector_id, force=force)
        return last_end(details).isoformat()

    def has_synced(
        self, connector_id: str, after: datetime, deadline: datetime | None = None
    ) -> bool:
        """True if a sync has succeeded after a time, false while it runs or is due.

        A rescheduled sync is requested again when it is due: Fivetran does not do that for a
        connector whose schedule is manual
        (https://fivetran.com/docs/rest-api/tutorials/trigger-syncs-manually).

        Args:
            connector_id: The connector.
            after: The end of the sync before.
            deadline: When the caller stops waiting; `None` if it does not wait.

        Raises:
            AirflowFailException: A person has to act: the connector is paused or not set up, or
                its sync is rescheduled beyond the deadline.
            AirflowException: The sync failed; the text has Fivetran's reason.
        """
        details = self.get_connector(connector_id)
        phase = phase_of(details, after)
        log.info("%s: %s", connector_id, phase.value)
        if phase is Phase.FAILED:
            logs = self._connector_ui_url_logs(details["service"], details["schema"])
            raise AirflowException(f"The Fivetran sync failed: {reason(details)}. Its logs: {logs}")
        if phase in {Phase.PAUSED, Phase.SETUP}:
            raise self._cannot_sync(details)
        if phase is Phase.RESCHEDULED:
            self._wait_for_the_source(connector_id, details, deadline)
        return phase is Phase.ENDED

    def _wait_for_the_source(
        self, connector_id: str, details: dict[str, Any], deadline: datetime | None
    ) -> None:
        due = details["status"].get("rescheduled_for")
        if due is None:
            return
        until = parse_time(due)
        if deadline and until > deadline:
            raise AirflowFailException(
                f"Fivetran has rescheduled the sync of the connector {_name(details)} to "
                f"{california_time(until)}, after this task's time limit, because the source "
                "accepts no more requests until then: clear wait_for_sync after that time, and it "
                "starts the sync again."
            )
        if until <= utc_now() and details.get("schedule_type") == "manual":
            self._request_sync(connector_id, force=False)

    def _request_sync(self, connector_id: str, *, force: bool) -> None:
        endpoint = f"{self.api_path_connectors}{connector_id}/sync"
        self._do_api_call("POST", endpoint, json={"force": force})

    def _cannot_sync(self, details: dict[str, Any]) -> AirflowFailException:
        """The error for a connector that only a person can enable or set up."""
        service, schema = details["service"], details["schema"]
        if is_paused(details):
            return AirflowFailException(
                f"The Fivetran connector {_name(details)} is paused: somebody who may edit it in "
                f"Fivetran can enable it at {self._connector_ui_url(service, schema)}, then clear "
                "this task; to leave it paused, pause this DAG too."
            )
        state = details["status"]["setup_state"]
        return AirflowFailException(
            f"The Fivetran connector {_name(details)} cannot sync, its setup is {state}: "
            f"{reason(details)}. Somebody who may edit it in Fivetran can fix it at "
            f"{self._connector_ui_url_setup(service, schema)}, then clear this task."
        )


def _name(details: dict[str, Any]) -> str:
    return f"{details['schema']} ({details['id']})"


def refusal(status: int, phrase: str, text: str) -> str:
    """A refusal as a sentence, with Fivetran's code and message.

    Args:
        status: The HTTP status.
        phrase: The status in words, for an answer that is not Fivetran's, for example a proxy's.
        text: The answer's body.
    """
    try:
        body = json.loads(text)
        code, message = body["code"], body["message"]
    except (ValueError, TypeError, KeyError):
        return f"Fivetran refused the request: {phrase} ({status})."
    return f"Fivetran refused the request: {code} ({status}): {str(message).rstrip('.')}."

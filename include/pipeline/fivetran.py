"""Requests to Fivetran's API that fail with Fivetran's own code, message and reason.

It replaces private methods of the provider's hook. The provider (2.4.0) fails with `'data'` for
a refusal in its trigger, with a body in JSON for one in an operator, without any text after three
attempts, and waits for ever for an answer. A test fails when the provider does better
(tests/pipeline/test_sync_refusals.py). No upstream issue is known.
"""

import json
import time
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from fivetran_provider_async.hooks import FivetranHook

REQUEST_SECONDS = 60.0

log = structlog.get_logger(__name__)


class FivetranError(AirflowException):
    """Fivetran refused a request or did not answer; a retry may help."""


class FivetranApi(FivetranHook):  # type: ignore[misc]  # The provider has no type annotations.
    """The provider's hook, with clear errors.

    Args:
        connection_id: The Airflow connection with the API's key.
        variable: The Airflow Variable with the connector's id, which an error names.
    """

    def __init__(self, connection_id: str, variable: str) -> None:
        super().__init__(connection_id)
        self.variable = variable

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
                    method, url, timeout=REQUEST_SECONDS, follow_redirects=True, **options
                )
                if answer.is_success:
                    body: dict[str, Any] = answer.json()
                    return body
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

    def _determine_if_synced_from_connector_details(
        self, connector_id: str, connector_details: dict[str, Any], **options: Any
    ) -> bool:
        """True if the sync has succeeded, false while it runs.

        Raises:
            AirflowException: The sync failed; the text has Fivetran's reason.
        """
        try:
            synced: bool = super()._determine_if_synced_from_connector_details(
                connector_id, connector_details, **options
            )
        except (AirflowFailException, FivetranError):
            raise
        except AirflowException:
            logs = self._connector_ui_url_logs(
                connector_details["service"], connector_details["schema"]
            )
            raise AirflowException(
                f"The Fivetran sync failed: {reason(connector_details)}. Its logs: {logs}"
            ) from None
        return synced


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


def reason(connector_details: dict[str, Any]) -> str:
    """Fivetran's reason for a failed sync: what it asks people to do, and its warnings."""
    status = connector_details["status"]
    listed = [*(status.get("tasks") or ()), *(status.get("warnings") or ())]
    messages = dict.fromkeys(each.get("message") or each.get("code") for each in listed)
    found = [str(message).rstrip(".") for message in messages if message]
    return "; ".join(found) or "Fivetran's API gives no reason"

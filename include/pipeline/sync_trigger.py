"""The trigger that waits for the end of a Fivetran sync without blocking the triggerer.

The provider's trigger (2.4.0) sleeps in the event loop of all triggers until a rescheduled sync is
due, and loses the text of a refusal. A test fails when it no longer does
(tests/pipeline/test_sync_waiting.py). No upstream issue is known.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.pipeline.fivetran import FivetranApi


class SyncTrigger(BaseTrigger):
    """Polls a connector; its event has the status `success` or `error`.

    Args:
        connection_id: The Airflow connection with the API's key.
        variable: The Airflow Variable with the connector's id, which an error names.
        connector_id: The connector.
        after: The end of the sync before, ISO 8601.
        deadline: When the task stops waiting, ISO 8601.
        poll_seconds: The time between two requests.
    """

    def __init__(
        self,
        *,
        connection_id: str,
        variable: str,
        connector_id: str,
        after: str,
        deadline: str,
        poll_seconds: float,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._options = {
            "connection_id": connection_id,
            "variable": variable,
            "connector_id": connector_id,
            "after": after,
            "deadline": deadline,
            "poll_seconds": poll_seconds,
        }
        self._api = FivetranApi(connection_id, variable)
        self._poll_seconds = poll_seconds
        self._wanted = connector_id, datetime.fromisoformat(after), datetime.fromisoformat(deadline)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The path of this class and its arguments."""
        return f"{__name__}.{type(self).__name__}", self._options

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event, when the sync has ended or cannot be waited for."""
        try:
            # A thread cannot request a connection of the triggerer.
            self._api.fivetran_conn = await self._api.aget_connection(self._api.conn_id)
            while not await asyncio.to_thread(self._api.has_synced, *self._wanted):
                await asyncio.sleep(self._poll_seconds)
        except Exception as error:
            yield _event(
                status="error",
                message=str(error),
                is_final=isinstance(error, AirflowFailException),
                after=self._options["after"],
            )
        else:
            yield _event(status="success", message="The sync has ended.")


def _event(**payload: Any) -> TriggerEvent:
    return TriggerEvent(payload)  # type: ignore[no-untyped-call]

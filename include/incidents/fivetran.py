"""Why a sync failed, in Fivetran's own words: Airflow's error only says that it did."""

import logging
from typing import Any

from include.incidents.settings import FIVETRAN_CONNECTION
from include.incidents.words import one_line

LONGEST = 200
log = logging.getLogger(__name__)


def sync_details(context: Any) -> tuple[str, ...]:  # noqa: ANN401
    """What Fivetran says of the connector of a failed task; nothing where it does not answer."""
    connector_id = str(getattr(getattr(context["ti"], "task", None), "connector_id", "") or "")
    if not connector_id:
        return ()
    try:
        from fivetran_provider_async.hooks import FivetranHook

        hook = FivetranHook(FIVETRAN_CONNECTION, retry_limit=1, timeout_seconds=10)
        found = hook.get_connector(connector_id)
    except Exception as error:
        log.warning("Fivetran does not say why the sync failed: %s", error)
        return (one_line(f"connector {connector_id}; Fivetran does not answer", LONGEST),)
    status = found.get("status") or {}
    name = f"connector {connector_id} ({found.get('service')}, {found.get('schema')})"
    state = f"setup {status.get('setup_state')}, sync {status.get('sync_state')}"
    reasons = [*(status.get("tasks") or []), *(status.get("warnings") or [])]
    said = tuple(f"Fivetran says: {each.get('message') or each.get('code')}" for each in reasons)
    failed_at = f"last failed at {found.get('failed_at')}"
    return tuple(one_line(each, LONGEST) for each in (f"{name}: {state}, {failed_at}", *said))

"""Points Airflow's Fivetran hook at the API that `FIVETRAN_API_URL` names.

A Fivetran connection has no field for the API's address: the hook holds it in two class attributes.
Airflow loads this plugin before a task or a trigger runs, so workers, the triggerer and
`dag.test()` all use the address. Without the variable nothing changes.
"""

import os
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from airflow.plugins_manager import AirflowPlugin

VARIABLE = "FIVETRAN_API_URL"


class FivetranApiUrlError(ValueError):
    """`FIVETRAN_API_URL` is not the address of an API."""


class _Refusal:
    """Takes the place of a malformed API host, so that every call of the hook raises the error."""

    def __init__(self, error: FivetranApiUrlError) -> None:
        self._error = error

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise self._error


def point_hook() -> None:
    """Set the address on the hook's class, from which the asynchronous hook inherits it.

    Raises:
        FivetranApiUrlError: The variable is malformed. Airflow only logs what a plugin
            raises, so the hook refuses every call: no task reaches the real API by mistake.
    """
    url = os.environ.get(VARIABLE)
    if not url:
        return
    from fivetran_provider_async.hooks import FivetranHook

    try:
        address = _address(url)
    except FivetranApiUrlError as error:
        FivetranHook.api_host = _Refusal(error)
        raise
    FivetranHook.api_protocol = address.scheme
    FivetranHook.api_host = address.netloc


def _address(url: str) -> SplitResult:
    error = FivetranApiUrlError(
        f"{VARIABLE} is {url!r}; set it to an address like https://api.fivetran.com,"
        " with no path and no password, or unset it."
    )
    try:
        address = urlsplit(url)
        has_host = bool(address.hostname) and address.port != 0
    except ValueError:
        raise error from None
    rest = (address.path.rstrip("/"), address.query, address.fragment, address.username or "")
    if address.scheme not in ("http", "https") or not has_host or any(rest):
        raise error
    return address


class FivetranApiPlugin(AirflowPlugin):
    """Sets the address as soon as Airflow loads its plugins."""

    name = "fivetran_api"

    @classmethod
    def on_load(cls, *args: object, **kwargs: object) -> None:
        """Set the address; each of Airflow's two plugin managers calls this once."""
        point_hook()

"""Airflow's API server with the plugin, in this process."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from include.incidents.incident import Incident
from include.incidents.incident_file import change_state
from include.publishing.store import Store


@pytest.fixture(scope="session")
def anyone(airflow_database: None) -> Iterator[TestClient]:
    """A client that is not logged in."""
    from airflow.api_fastapi.app import create_app

    with pytest.MonkeyPatch.context() as patch:
        # On the laptop everybody is an admin; here a login is needed.
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "False")
        app = create_app(apps="core")
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="session")
def token(airflow_database: None) -> str:
    """The token of a user who is logged in."""
    from airflow.api_fastapi.auth.managers.simple.services.login import (
        SimpleAuthManagerLogin,
    )

    return str(SimpleAuthManagerLogin.create_token_all_admins())


@pytest.fixture
def page(anyone: TestClient, token: str) -> "Page":
    return Page(anyone, token)


class Page:
    """The pages, for a user who is logged in."""

    def __init__(self, client: TestClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, path: str) -> str:
        """The text of the page at a path."""
        response = self._client.get(f"/ddrc/{path}", headers=self._headers)
        assert response.status_code == 200, response.text
        return response.text


def save_incidents(store: Store, *incidents: Incident) -> None:
    """Have these incidents, and no others, in the file of incidents."""
    change_state(store, lambda state: replace(state, incidents=incidents))

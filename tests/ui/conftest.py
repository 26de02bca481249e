"""Airflow's own API server in this process, with our plugin, as a browser would ask it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from local.cloud import Cloud


@pytest.fixture(scope="module")
def anyone(cloud: Cloud, airflow_database: None) -> Iterator[TestClient]:
    """Somebody who has not logged in."""
    from airflow.api_fastapi.app import create_app

    with pytest.MonkeyPatch.context() as patch:
        # On the laptop everybody is let in; here nobody is.
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "False")
        app = create_app(apps="core")
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def token(cloud: Cloud, airflow_database: None) -> str:
    """What somebody who has logged in sends."""
    from airflow.api_fastapi.auth.managers.simple.services.login import (
        SimpleAuthManagerLogin,
    )

    return str(SimpleAuthManagerLogin.create_token_all_admins())


@pytest.fixture
def page(anyone: TestClient, token: str) -> "Page":
    return Page(anyone, token)


class Page:
    """The text of pages, for somebody who has logged in."""

    def __init__(self, client: TestClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, path: str) -> str:
        """The page at a path."""
        answer = self._client.get(f"/ddrc/{path}", headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.text

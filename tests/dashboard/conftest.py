"""The dashboard on the emulated warehouse: a year of history, nothing at all, or nobody there."""

from collections.abc import Callable, Iterator
from unittest.mock import Mock

import pytest
import snowflake.connector
import streamlit as st
from snowflake.connector import SnowflakeConnection
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from include.dashboard import components
from include.dashboard.queries import read
from local import dashboard, provision
from local.cloud import Cloud
from tests.dashboard import year

SECONDS = 60


@pytest.fixture(scope="session")
def filled(cloud: Cloud) -> Cloud:
    """The cloud with a year of history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDRC_SCHEMA_PREFIX", year.PREFIX)
        year.fill(cloud)
    return cloud


@pytest.fixture
def history(filled: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The queries read the year of history, and it is its last day."""
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", year.PREFIX)
    monkeypatch.setattr(read, "LOADING", year.LOADING)
    monkeypatch.setattr(read, "ACCOUNT_USAGE", year.ACCOUNT_USAGE)
    monkeypatch.setattr(components, "now", lambda: year.NOW)
    return filled


@pytest.fixture
def emptiness(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The queries read schemas that are not there."""
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", year.NOTHING)
    monkeypatch.setattr(read, "LOADING", year.NOTHING)
    monkeypatch.setattr(read, "ACCOUNT_USAGE", f"{year.NOTHING}.{year.NOTHING}")
    return cloud


@pytest.fixture
def connection(history: Cloud) -> Iterator[SnowflakeConnection]:
    """A connection as a notebook has it."""
    with provision.connect(history, role="REPORTER_DDRC_DEV") as opened:
        yield opened


@pytest.fixture
def view(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """A view of the dashboard, run as Streamlit does; settings of the connection may differ."""
    # Streamlit sets it for the whole process, and the other tests' connections take the usual one.
    monkeypatch.setattr(snowflake.connector, "paramstyle", snowflake.connector.paramstyle)
    provision.connect(cloud).close()
    # Each run would look for components in every installed package: half a second. We have none.
    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", Mock())

    def run(name: str, **other: int) -> AppTest:
        st.cache_data.clear()
        st.cache_resource.clear()
        settings = dashboard.connection_settings(cloud) | other
        # What an app's own `secrets` hold does not reach its connections.
        monkeypatch.setattr(secrets_singleton, "_secrets", {"connections": {"snowflake": settings}})
        app = AppTest.from_file(str(dashboard.APP), default_timeout=SECONDS).run()
        if name != "now":
            app.switch_page(f"views/{name}.py").run()
        assert not app.exception, app.exception[0].stack_trace
        return app

    yield run
    st.cache_data.clear()
    st.cache_resource.clear()

"""The dashboard on the emulated warehouse: with a year of history, or with no tables at all."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MethodType
from typing import Any
from unittest.mock import Mock

import pandas as pd
import pytest
import snowflake.connector
import streamlit as st
from snowflake.connector import SnowflakeConnection
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from include import times
from include.dashboard import fetch
from include.dashboard.queries import read
from local import dashboard, provision
from local.cloud import Cloud
from tests.dashboard import year
from tests.dashboard.drawn import Drawn
from tests.dashboard.in_memory import fill, session  # noqa: F401 (fixtures)

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
    """The queries read the year of history, and today is its last day."""
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", year.PREFIX)
    monkeypatch.setattr(read, "LOADING", year.LOADING)
    monkeypatch.setattr(read, "ACCOUNT_USAGE", year.ACCOUNT_USAGE)
    monkeypatch.setattr(times, "datetime", Mock(now=year.NOW.astimezone))
    return filled


@pytest.fixture
def empty_warehouse(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The queries read schemas that do not exist."""
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", year.NOTHING)
    monkeypatch.setattr(read, "LOADING", year.NOTHING)
    monkeypatch.setattr(read, "ACCOUNT_USAGE", f"{year.NOTHING}.{year.NOTHING}")
    return cloud


@pytest.fixture
def connection(history: Cloud) -> Iterator[SnowflakeConnection]:
    """A connection like a notebook's."""
    with provision.connect(history, role="DASHBOARD_DDRC_DEV") as opened:
        yield opened


@pytest.fixture
def view(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Run a view of the dashboard as Streamlit does; keywords change the connection's settings."""
    # Streamlit sets it for the whole process; the other tests' connections need the default.
    monkeypatch.setattr(snowflake.connector, "paramstyle", snowflake.connector.paramstyle)
    provision.connect(cloud).close()
    # Each run would search every installed package for components: half a second, for none.
    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", Mock())

    def run(name: str, **changed: int) -> AppTest:
        st.cache_data.clear()
        st.cache_resource.clear()
        settings = dashboard.connection_settings(cloud) | changed
        # An app's own `secrets` do not reach its connections.
        monkeypatch.setattr(secrets_singleton, "_secrets", {"connections": {"snowflake": settings}})
        app = AppTest.from_file(str(dashboard.APP), default_timeout=SECONDS).run()
        if name != "now":
            app.switch_page(f"views/{name}.py").run()
        assert not app.exception, app.exception[0].stack_trace
        return app

    yield run
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Drawn]:
    """Draw a view, or the whole `app`, without Snowflake: queries have these rows, others none."""
    monkeypatch.setattr(times, "datetime", Mock(now=year.NOW.astimezone))
    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", Mock())
    draw_button, draw_chart = st.download_button, DeltaGenerator.altair_chart
    page: Any = st.altair_chart

    def run(name: str, answers: Mapping[str, pd.DataFrame]) -> Drawn:
        file = dashboard.APP if name == "app" else dashboard.APP.parent / "views" / f"{name}.py"
        drawn = Drawn(AppTest.from_file(str(file), default_timeout=SECONDS))

        def answer(*asked: object) -> tuple[pd.DataFrame, datetime]:
            drawn.asked.append(asked)
            return answers.get(str(asked[0]), pd.DataFrame()).copy(), year.NOW

        def offer(label: str, data: bytes, **options: Any) -> bool:
            drawn.downloads.append((options["file_name"], data.decode().replace("\r\n", "\n")))
            return draw_button(label, data, **options)

        def show(place: DeltaGenerator, chart: Any, **options: Any) -> Any:
            drawn.keys.append(options["key"])
            return draw_chart(place, chart, **options)

        monkeypatch.setattr(DeltaGenerator, "altair_chart", show)
        monkeypatch.setattr(st, "altair_chart", MethodType(show, page.__self__))
        monkeypatch.setattr(fetch, "_query", answer)
        monkeypatch.setattr(st, "download_button", offer)
        drawn.app.run()
        assert not drawn.app.exception, drawn.app.exception[0].stack_trace
        return drawn

    return run

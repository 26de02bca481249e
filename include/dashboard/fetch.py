"""Fetches a view's rows: results are cached, and a failure is one sentence on the page."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st
from snowflake.connector.errors import Error, ProgrammingError
from streamlit.errors import StreamlitAPIException

from include.dashboard import queries
from include.dashboard.components import format_time
from include.dashboard.queries.read import MISSING
from include.times import utc_now

# The sources are loaded once an hour, so a result of this age is good enough.
CACHED_FOR: Final = timedelta(minutes=10)
# What a responder watches change: a closed incident must not stay open on the page.
LIVE: Final = frozenset({"incidents", "newest_loads", "newest_value"})
LIVE_FOR: Final = timedelta(minutes=1)
DOWN = (
    "Snowflake does not answer, or refuses the connection. The public file is not affected."
    " Try again in a few minutes."
)
REFUSED = "Snowflake refused the query {}; the dashboard's log has the reason."
_AS_OF = "as_of"
_log = logging.getLogger(__name__)


def fetch_rows(
    query: str,
    *arguments: date | str,
    if_empty: str,
    notice: Callable[[str], object] = st.info,
) -> pd.DataFrame | None:
    """Run one of `include.dashboard.queries`, or put a sentence on the page instead.

    If Snowflake does not answer, the page ends here.

    Args:
        query: The query's name.
        arguments: The query's arguments after the connection.
        if_empty: The sentence if there are no rows, or the table does not exist yet.
        notice: The Streamlit function that draws `if_empty`.

    Returns:
        At least one row, or `None` if the page has the sentence. `as_of` has the time of the query.
    """
    try:
        rows, at = _query(query, *arguments)
    # Streamlit reports any failure of a connection from the default file as a missing file.
    except (Error, StreamlitAPIException) as error:
        if getattr(error, "errno", None) in MISSING:
            notice(if_empty)
            return None
        _log.exception("The query %s failed", query)
        if isinstance(error, Error) and _is_refusal(error):
            st.error(REFUSED.format(query))
            return None
        st.error(DOWN)
        # The page's other queries would wait for the same timeout, one after the other.
        st.stop()
    if rows.empty:
        notice(f"{if_empty} As of {format_time(at)}.")
        return None
    rows.attrs[_AS_OF] = format_time(at)
    return rows


def as_of(rows: pd.DataFrame) -> str:
    """The time of the query that returned these rows, for example `Nov 24, 2026, 2:27 PM PST`."""
    return str(rows.attrs[_AS_OF])


def _query(query: str, *arguments: date | str) -> tuple[pd.DataFrame, datetime]:
    """Return a query's rows, and when Snowflake was asked for them."""
    return (_run_live if query in LIVE else _run)(query, *arguments)


@st.cache_data(ttl=CACHED_FOR, max_entries=200, show_spinner="Querying Snowflake …")
def _run(query: str, *arguments: date | str) -> tuple[pd.DataFrame, datetime]:
    return _run_uncached(query, *arguments)


@st.cache_data(ttl=LIVE_FOR, max_entries=50, show_spinner="Querying Snowflake …")
def _run_live(query: str, *arguments: date | str) -> tuple[pd.DataFrame, datetime]:
    return _run_uncached(query, *arguments)


def _run_uncached(query: str, *arguments: date | str) -> tuple[pd.DataFrame, datetime]:
    # In Streamlit in Snowflake the app's own session, elsewhere the connector's default connection.
    connection = st.connection("snowflake")
    run = getattr(queries, query)
    at = utc_now()
    try:
        return run(connection.raw_connection, *arguments), at
    except Error as error:
        if _is_refusal(error):
            raise
    # Snowflake ends a session that was idle for hours: try once more with a new one.
    connection.reset()
    return run(connection.raw_connection, *arguments), at


def _is_refusal(error: Error) -> bool:
    """Return whether Snowflake answered and refused the query."""
    # Class 08 of SQLSTATE: connection errors.
    return isinstance(error, ProgrammingError) and not (error.sqlstate or "").startswith("08")

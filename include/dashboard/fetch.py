"""Asks the warehouse for a view: answers are cached, and a failure is one sentence on the page."""

import logging
from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import streamlit as st
from snowflake.connector.errors import Error, ProgrammingError
from streamlit.errors import StreamlitAPIException

from include.dashboard import queries

# The sources are loaded once an hour: an answer this old is as good as a new one.
FRESH = timedelta(minutes=10)
DOWN = (
    "Snowflake does not answer, or does not let the dashboard in. What is public is not affected;"
    " try again in a few minutes."
)
REFUSED = "Snowflake refuses the query {}; the dashboard's log says why."
# "Object does not exist or not authorized", as a query and as another operation is told it.
_MISSING = (2003, 2043)
_log = logging.getLogger(__name__)


def ask(
    query: str,
    *arguments: date | str,
    otherwise: str,
    say: Callable[[str], object] = st.info,
) -> pd.DataFrame | None:
    """The rows of one of `include.dashboard.queries`, or a sentence on the page instead.

    Args:
        query: The query's name; `arguments` are its own, without the connection.
        otherwise: What the page says if there are no rows, or no such table yet; `say` how.

    Returns:
        At least one row; null if the page has said why there is none. Without Snowflake the page
        ends here.
    """
    try:
        rows = _answer(query, *arguments)
    # Of a connection from the default file, Streamlit takes any failure for a missing file.
    except (Error, StreamlitAPIException) as problem:
        if getattr(problem, "errno", None) in _MISSING:
            say(otherwise)
            return None
        _log.exception("The query %s failed", query)
        if isinstance(problem, Error) and _is_refusal(problem):
            st.error(REFUSED.format(query))
            return None
        st.error(DOWN)
        # Whatever else the page would ask is not answered either, and each would wait in vain.
        st.stop()
    if rows.empty:
        say(otherwise)
        return None
    return rows


@st.cache_data(ttl=FRESH, max_entries=200, show_spinner="Asking Snowflake …")
def _answer(query: str, *arguments: date | str) -> pd.DataFrame:
    # In Streamlit in Snowflake the app's own session, elsewhere the connector's default connection.
    connection = st.connection("snowflake")
    run = getattr(queries, query)
    try:
        return run(connection.raw_connection, *arguments)
    except Error as problem:
        if _is_refusal(problem):
            raise
    # A session that was idle for hours has ended: a new one is worth one more try.
    connection.reset()
    return run(connection.raw_connection, *arguments)


def _is_refusal(problem: Error) -> bool:
    """Whether Snowflake has read the query and will not run it."""
    # SQLSTATE's class 08 is that of connections.
    return isinstance(problem, ProgrammingError) and not (problem.sqlstate or "").startswith("08")

"""The tag of every statement that our tasks send to Snowflake: what its cost is for.

Snowflake keeps a session's `QUERY_TAG` with each of its statements, in `QUERY_HISTORY` and
`QUERY_ATTRIBUTION_HISTORY`: https://docs.snowflake.com/en/sql-reference/parameters#query-tag
"""

import json

from include.sources import SOURCES

APP = "ddrc"
# Work that is done for all sources at once: the publication, history, the watch.
ALL_SOURCES = "all"


def query_tag(dag: str, source: str, *, task: str | None = None, run: str | None = None) -> str:
    """The tag of one task's statements.

    Args:
        dag: The DAG's id. It and the next ones may be templates that are rendered later.
        source: The source that the work is for, or `ALL_SOURCES`.
        task: The task's id; left out where a session serves several tasks.
        run: The run's id; left out with it.

    Returns:
        A JSON object of texts, without spaces: `app`, `dag`, `source`, and `task` and `run` if they
        are known. Snowflake keeps up to 2,000 characters.
    """
    known = {"app": APP, "dag": dag, "task": task, "run": run, "source": source}
    return json.dumps(
        {name: value for name, value in known.items() if value is not None}, separators=(",", ":")
    )


def source_of(name: str) -> str:
    """The source of a DAG or of a dbt tag by this name; `ALL_SOURCES` if it is no source's."""
    return name if name in SOURCES else ALL_SOURCES

"""Query tags: each statement in Snowflake names the DAG, task and source that it is for.

Snowflake stores a session's `QUERY_TAG` with each statement, in `QUERY_HISTORY` and
`QUERY_ATTRIBUTION_HISTORY`: https://docs.snowflake.com/en/sql-reference/parameters#query-tag
"""

import json

from include.sources import SOURCES

APP = "ddrc"
# Work for all sources at once: the publication, history, the watch.
ALL_SOURCES = "all"


def query_tag(dag: str, source: str, *, task: str | None = None, run: str | None = None) -> str:
    """Make the tag of a task's statements.

    Args:
        dag: The DAG's id. It, `task` and `run` may be templates that are rendered later.
        source: The source that the work is for, or `ALL_SOURCES`.
        task: The task's id; `None` if a session serves several tasks.
        run: The run's id; `None` if `task` is.

    Returns:
        A JSON object without spaces: `app`, `dag`, `source`, and `task` and `run` if they are set.
        Snowflake stores up to 2,000 characters.
    """
    tag = {"app": APP, "dag": dag, "task": task, "run": run, "source": source}
    return json.dumps(
        {name: value for name, value in tag.items() if value is not None}, separators=(",", ":")
    )


def source_of(name: str) -> str:
    """The source that a DAG or dbt tag belongs to; `ALL_SOURCES` if it is not a source's."""
    return name if name in SOURCES else ALL_SOURCES

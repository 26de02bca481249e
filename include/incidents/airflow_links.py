"""Paths in Airflow's UI, below its address: a run's form filled in, a task.

Airflow 3.3 has no address that opens its own trigger form, and none that fills it in: the change
that added them was reverted (apache/airflow#59769), and the wish is open (#54800). So a link opens
a form of this project, which starts the run through Airflow's API as the person who is logged in.
Airflow's UI opens a plugin's page at any path after the page's route (`ExternalView.tsx`), so the
form needs no entry in the navigation.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from include.incidents import settings

# The plugin's pages below Airflow's address, and the page that shows the form.
PAGES = "/ddrc"
OUTER_PAGE = "/plugin/sources"

Value = str | bool | int | float | None


def run_form(airflow_path: str, dag: str, params: Mapping[str, Value]) -> str:
    """The form that starts a run of a DAG, filled in.

    Args:
        airflow_path: The path that Airflow is served under; empty at the root of a host.
        dag: The DAG.
        params: Values of the DAG's parameters; those that are `None` are left to the form.
    """
    given = {name: _text(value) for name, value in params.items() if value is not None}
    query = f"?{urlencode(given)}" if given else ""
    return f"{OUTER_PAGE}{airflow_path}{PAGES}/run/{quote(dag)}{query}"


def task_path(dag: str, run: str, task: str, attempt: int = 0) -> str:
    """A task's page in Airflow, which opens on its log and has the button *Clear*.

    Args:
        dag: The DAG.
        run: The run.
        task: The task.
        attempt: The attempt whose log is shown; the last one by default.
    """
    path = f"/dags/{quote(dag)}/runs/{quote(run, safe='')}/tasks/{quote(task, safe='')}"
    return f"{path}?try_number={attempt}" if attempt else path


def form_url(dag: str, **params: Value) -> str:
    """The whole address of that form, for a message; empty if Airflow's is not configured."""
    url = settings.airflow_url()
    return f"{url}{run_form(path_of(url), dag, params)}" if url else ""


def path_of(url: str) -> str:
    """The path of Airflow's address; empty at the root of a host."""
    return urlsplit(url).path.rstrip("/")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

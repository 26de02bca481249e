"""Airflow's REST API in memory, as strict as the real one, and stricter about parameters.

The real one ignores a parameter that it does not know; this one refuses it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.publishing.samples import NOW
from tests.serving import serving

TOKEN = "dummy"
RUN_STATES = {"queued", "running", "success", "failed"}
TASK_STATES = {
    "removed", "scheduled", "queued", "running", "success", "restarting", "failed", "up_for_retry",
    "up_for_reschedule", "upstream_failed", "skipped", "deferred", "awaiting_input",
}  # fmt: skip
PAGING = ("limit", "offset")

Resource = dict[str, Any]


class FakeAirflow:
    """An Airflow without DAGs.

    Attributes:
        url: Its address.
        dags: The DAGs by id.
        tasks: The ids of their tasks.
        runs, instances: Their runs and task instances.
        logs: The lines of the logs, by DAG, task and number of the try.
        import_errors: The files that do not parse.
        requests: The paths that were requested.
        page_limit: The most items of a page.
        status: The status of each answer, 200 if it works.
        log_status: The same for logs.
        clean_up_status: The same for the plugin's clean-up.
    """

    def __init__(self) -> None:
        self.url = ""
        self.clear()

    def clear(self) -> None:
        """Forget everything, and work."""
        self.dags: dict[str, Resource] = {}
        self.tasks: dict[str, set[str]] = {}
        self.runs: list[Resource] = []
        self.instances: list[Resource] = []
        self.logs: dict[tuple[str, str, int], list[Resource]] = {}
        self.import_errors: list[str] = []
        self.requests: list[str] = []
        self.page_limit = 100
        self.status = self.log_status = self.clean_up_status = 200

    @property
    def connection(self) -> str:
        """The connection `airflow_api` to it."""
        host, port = self.url.removeprefix("http://").split(":")
        given = {"conn_type": "http", "schema": "http", "host": host, "port": int(port)}
        return json.dumps({**given, "password": TOKEN})

    def add_dag(self, dag: str, *tasks: str) -> None:
        """Add a DAG that has completed a run an hour ago."""
        self.dags[dag] = {"dag_id": dag, "is_paused": False, "is_stale": False}
        self.tasks[dag] = set(tasks)
        self.add_run(dag, "success", timedelta(hours=-2), timedelta(hours=-1))

    def add_run(
        self, dag: str, state: str, start: timedelta | None, end: timedelta | None = None
    ) -> Resource:
        """Add a run with these times, from now; its resource may be changed."""
        run = {"dag_id": dag, "state": state, "start_date": at(start), "end_date": at(end)}
        self.runs.append(run)
        return run

    def add_instance(
        self,
        key: str,
        state: str | None,
        end: timedelta | None,
        *,
        run: str = "run",
        tries: int = 3,
    ) -> Resource:
        """Add a task instance that ended at this time, from now; its resource may be changed."""
        dag, _, task = key.partition(".")
        if task not in self.tasks.get(dag, ()):
            self.add_dag(dag, task, *self.tasks.get(dag, ()))
        instance = {
            "dag_id": dag, "task_id": task, "dag_run_id": run, "map_index": -1, "state": state,
            "try_number": tries, "end_date": at(end), "run_after": at(end or timedelta()),
        }  # fmt: skip
        self.instances.append(instance)
        return instance

    def app(self) -> Starlette:
        """The server."""
        api, run = "/api/v2", "/dags/{dag}/dagRuns/{run}"
        paths: dict[str, Callable[[Request], Response]] = {
            "/importErrors": self._import_errors,
            "/dags": self._dags,
            "/dags/{dag}/tasks/{task}": self._task,
            "/dags/{dag}/dagRuns": self._runs,
            f"{run}/taskInstances": self._instances,
            f"{run}/taskInstances/{{task}}": self._instance,
            f"{run}/taskInstances/{{task}}/logs/{{tries:int}}": self._log,
        }
        routes = [Route(api + path, self._checked(answer)) for path, answer in paths.items()]
        routes.append(Route("/ddrc/clean-up", self._checked(self._clean_up_rule)))
        return Starlette(routes=routes)

    def _clean_up_rule(self, request: Request) -> Response:
        _allow(request)
        return JSONResponse({"days": 90}, status_code=self.clean_up_status)

    def _checked(self, answer: Callable[[Request], Response]) -> Callable[[Request], Any]:
        async def respond(request: Request) -> Response:
            self.requests.append(request.url.path.removeprefix("/api/v2"))
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                raise HTTPException(401)
            if self.status != 200:
                raise HTTPException(self.status)
            return answer(request)

        return respond

    def _import_errors(self, request: Request) -> Response:
        _allow(request, *PAGING)
        return self._page(request, "import_errors", [{"filename": x} for x in self.import_errors])

    def _dags(self, request: Request) -> Response:
        _allow(request, "exclude_stale", "paused", *PAGING)
        with_stale = request.query_params.get("exclude_stale", "true") == "false"
        found = [dag for dag in self.dags.values() if with_stale or not dag["is_stale"]]
        if paused := request.query_params.get("paused"):
            found = [dag for dag in found if dag["is_paused"] == (paused == "true")]
        return self._page(request, "dags", found)

    def _task(self, request: Request) -> Response:
        _allow(request)
        dag, task = self._known_dag(request), request.path_params["task"]
        if task not in self.tasks[dag]:
            raise HTTPException(404)
        return JSONResponse({"task_id": task})

    def _runs(self, request: Request) -> Response:
        _allow(request, "state", "order_by", *PAGING)
        found = self._of_dag(request, _with_state(request, self.runs, RUN_STATES))
        if order := request.query_params.get("order_by"):
            if order != "-end_date":
                raise HTTPException(400)
            # Postgres puts what has no end first.
            found = sorted(found, key=lambda run: run["end_date"] or "9", reverse=True)
        return self._page(request, "dag_runs", found)

    def _instances(self, request: Request) -> Response:
        _allow(request, "task_id", "state", "end_date_gte", *PAGING)
        if request.path_params["run"] != "~":
            raise HTTPException(400)
        found = self._of_dag(request, _with_state(request, self.instances, TASK_STATES))
        if task := request.query_params.get("task_id"):
            found = [one for one in found if one["task_id"] == task]
        if bound := request.query_params.get("end_date_gte"):
            since = datetime.fromisoformat(bound)
            found = [one for one in found if _ended_since(one, since)]
        return self._page(request, "task_instances", found)

    def _instance(self, request: Request) -> Response:
        _allow(request)
        return JSONResponse(self._find(request))

    def _log(self, request: Request) -> Response:
        _allow(request)
        if self.log_status != 200:
            raise HTTPException(self.log_status)
        self._find(request)
        task = request.path_params
        lines = self.logs.get((task["dag"], task["task"], task["tries"]), [])
        source = [{"event": "::group::Log message source details"}, {"event": "::endgroup::"}]
        if request.headers.get("accept") != "application/x-ndjson":
            return JSONResponse({"content": source + lines, "continuation_token": None})
        # As the real one: characters outside ASCII as they are.
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in source + lines)
        return Response(text, media_type="application/x-ndjson")

    def _find(self, request: Request) -> Resource:
        asked = tuple(request.path_params[name] for name in ("dag", "run", "task"))
        for one in self.instances:
            if (one["dag_id"], one["dag_run_id"], one["task_id"]) == asked:
                return one
        raise HTTPException(404)

    def _of_dag(self, request: Request, items: Iterable[Resource]) -> list[Resource]:
        if request.path_params["dag"] == "~":
            return list(items)
        dag = self._known_dag(request)
        return [one for one in items if one["dag_id"] == dag]

    def _known_dag(self, request: Request) -> str:
        # A stale DAG is still known; a deleted one is not.
        if request.path_params["dag"] not in self.dags:
            raise HTTPException(404)
        return str(request.path_params["dag"])

    def _page(self, request: Request, field: str, items: list[Resource]) -> Response:
        offset = int(request.query_params.get("offset", 0))
        limit = min(int(request.query_params.get("limit", 50)), self.page_limit)
        page = items[offset : offset + limit]
        return JSONResponse({field: page, "total_entries": len(items)})


def at(delta: timedelta | None) -> str | None:
    """A time from now, as Airflow writes it."""
    return None if delta is None else (NOW + delta).isoformat().replace("+00:00", "Z")


def _allow(request: Request, *names: str) -> None:
    if unknown := set(request.query_params) - set(names):
        raise HTTPException(400, f"unknown parameters: {unknown}")


def _with_state(request: Request, items: list[Resource], known: set[str]) -> list[Resource]:
    states = set(request.query_params.getlist("state"))
    if not states <= known:
        raise HTTPException(422)
    return [one for one in items if not states or one["state"] in states]


def _ended_since(instance: Resource, since: datetime) -> bool:
    # The bound is inclusive, and what has no end fits every lower bound.
    end = instance["end_date"]
    return end is None or datetime.fromisoformat(end) >= since


@contextmanager
def serving_airflow() -> Iterator[FakeAirflow]:
    """An Airflow without DAGs, served by a thread of this process."""
    made = FakeAirflow()
    with serving(made.app()) as made.url:
        yield made

"""Pages in Airflow's UI (*Publication*, *Sources*, *Data models*) and links on task instances.

Every process of Airflow imports this plugin, but only the API server needs the pages. So the app is
created at the first request.
"""

from typing import TYPE_CHECKING

from airflow.plugins_manager import AirflowPlugin

from include.incidents.airflow_links import PAGES
from include.ui.address import page_path
from include.ui.links import IssueLink, PublicFileLink, RunbookLink, TableLink

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send


class LazyApp:
    """An ASGI app that is created at the first request."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if self._app is None:
            from include.ui.app import create_app

            self._app = create_app()
        await self._app(scope, receive, send)


def _view(name: str, page: str, route: str, destination: str = "nav") -> dict[str, str | bool]:
    return {
        "name": name,
        "href": page_path(page),
        "destination": destination,
        "url_route": route,
    }


VIEWS = [
    _view("Publication", "publication", "publication") | {"nav_top_level": True},
    _view("Sources", "sources", "sources") | {"nav_top_level": True},
    _view("Data models", "models", "models") | {"nav_top_level": True},
    _view("Source", "sources/{DAG_ID}", "source", destination="dag"),
]
LINKS = [RunbookLink(), TableLink(), PublicFileLink(), IssueLink()]
APPS = [{"app": LazyApp(), "url_prefix": PAGES, "name": "DDRC"}]


class DdrcPages(AirflowPlugin):
    """The plugin, as Airflow finds it."""

    name = "ddrc_pages"
    fastapi_apps = APPS
    global_operator_extra_links = LINKS
    external_views = VIEWS

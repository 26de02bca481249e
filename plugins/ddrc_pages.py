"""Our pages in Airflow's UI (*Publication*, *Sources*, a source's on its DAG) and links on tasks.

Every process of Airflow imports this plugin; only the one that serves the UI needs the pages, so
the app is made when it is first asked for something.
"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from include.ui.address import PREFIX, page_path
from include.ui.links import IssueLink, PublicFileLink, RunbookLink, TableLink


class LazyApp:
    """An ASGI app that is made at the first request."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if self._app is None:
            from include.ui.app import create_app

            self._app = create_app()
        await self._app(scope, receive, send)


class DdrcPages(AirflowPlugin):
    """What Airflow is told of the pages."""

    name = "ddrc_pages"
    fastapi_apps = [{"app": LazyApp(), "url_prefix": PREFIX, "name": "DDRC"}]  # noqa: RUF012
    global_operator_extra_links = [  # noqa: RUF012
        RunbookLink(),
        TableLink(),
        PublicFileLink(),
        IssueLink(),
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "Publication",
            "href": page_path("publication"),
            "destination": "nav",
            "url_route": "publication",
            "nav_top_level": True,
        },
        {
            "name": "Sources",
            "href": page_path("sources"),
            "destination": "nav",
            "url_route": "sources",
        },
        {
            "name": "Data models",
            "href": page_path("models"),
            "destination": "nav",
            "url_route": "models",
        },
        {
            "name": "Source",
            "href": page_path("sources/{DAG_ID}"),
            "destination": "dag",
            "url_route": "source",
        },
    ]

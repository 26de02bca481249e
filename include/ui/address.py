"""The addresses of the pages, below Airflow's own address."""

from urllib.parse import urlsplit

from airflow.configuration import conf

from include.incidents.airflow_links import PAGES


def base_path() -> str:
    """The path that Airflow is served under; empty at the root of a host."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


def page_path(page: str) -> str:
    """The path of one of the pages."""
    return f"{base_path()}{PAGES}/{page}"

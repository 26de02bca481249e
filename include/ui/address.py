"""The addresses of the pages, below Airflow's own address."""

from urllib.parse import urlsplit

from airflow.configuration import conf

PREFIX = "/ddrc"


def base_path() -> str:
    """The path that Airflow is served under; empty at the root of a host."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


def page_path(page: str) -> str:
    """The path of one of the pages."""
    return f"{base_path()}{PREFIX}/{page}"

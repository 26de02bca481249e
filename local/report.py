"""Prints the published metrics, read from outside as the public page reads them, and addresses."""

from datetime import datetime

import httpx
from rich.console import Console
from rich.table import Table

from include.publishing.names import source_file
from include.sources import SOURCES
from include.times import CALIFORNIA
from local.airflow_api import Question
from local.cloud import Cloud


def print_published(cloud: Cloud, console: Console) -> None:
    """Print the table of the published metrics.

    Raises:
        httpx.HTTPStatusError: The published file is missing or not public.
    """
    sources = _sources_by_metric(cloud)
    metrics = httpx.get(cloud.published_url).raise_for_status().json()
    table = Table(title=f"{len(metrics)} published metrics")
    table.add_column("Metric")
    table.add_column("Value", justify="right")
    table.add_column("Last updated (California)")
    table.add_column("Source")
    for metric in metrics:
        table.add_row(
            metric["METRIC_NAME"],
            f"{metric['METRIC_VALUE']:,.2f}".removesuffix(".00"),
            _california(metric["LAST_UPDATED"]),
            sources.get(metric["METRIC_NAME"], "unknown"),
        )
    console.print(table)


def _sources_by_metric(cloud: Cloud) -> dict[str, str]:
    """The source of each metric's value, from the sources' own released files.

    A computed metric replaces one of the same name that staff enter.
    """
    sources: dict[str, str] = {}
    for source in sorted(SOURCES, key=lambda name: SOURCES[name].metrics == "computed"):
        response = httpx.get(cloud.blob_url(source_file(source)))
        if response.status_code == httpx.codes.OK:
            sources.update({metric["METRIC_NAME"]: source for metric in response.json()})
    return sources


def print_open_questions(questions: list[Question], console: Console) -> None:
    """Print a link to each question that waits for a person."""
    for question in questions:
        console.print(
            "A suspicious change is not public until a person decides:",
            question.link,
            soft_wrap=True,
        )


def print_addresses(cloud: Cloud, console: Console) -> None:
    """Print the addresses of the UI, the published file, the Slack messages and the logs."""
    console.print("Airflow UI      ", cloud.url("airflow"), soft_wrap=True)
    console.print("Published file  ", cloud.published_url, soft_wrap=True)
    console.print("Slack messages  ", cloud.url("slack"), soft_wrap=True)
    console.print("Logs            ", str(cloud.home.logs), soft_wrap=True)
    console.print("Everything keeps running; stop it with: make stop")


def _california(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone(CALIFORNIA):%Y-%m-%d %H:%M %Z}"

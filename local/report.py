"""What was published, as a table: read from outside, as the public page reads it."""

from datetime import datetime
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from include.publishing.names import source_file
from include.sources import SOURCES
from include.times import CALIFORNIA
from local.airflow_api import Question
from local.cloud import Cloud


def published(cloud: Cloud) -> list[dict[str, Any]]:
    """The metrics in the public file.

    Raises:
        httpx.HTTPStatusError: there is no such file, or it is not public.
    """
    metrics: list[dict[str, Any]] = httpx.get(cloud.published_url).raise_for_status().json()
    return metrics


def source_of_each(cloud: Cloud) -> dict[str, str]:
    """Which source each metric's value comes from, told by the sources' own unloaded files.

    A computed metric wins over a hand-kept one of the same name, so Airtable is asked first
    and overruled by the others.
    """
    found: dict[str, str] = {}
    for source in SOURCES:
        answer = httpx.get(cloud.blob_url(source_file(source)))
        if answer.status_code == httpx.codes.OK:
            found.update({metric["METRIC_NAME"]: source for metric in answer.json()})
    return found


def show_published(cloud: Cloud, console: Console) -> None:
    """Print the table of the published metrics."""
    sources = source_of_each(cloud)
    metrics = published(cloud)
    table = Table(title=f"{len(metrics)} published metrics")
    table.add_column("Metric")
    table.add_column("Value", justify="right")
    table.add_column("Last updated (California)")
    table.add_column("Source")
    for metric in metrics:
        table.add_row(
            metric["METRIC_NAME"],
            f"{metric['METRIC_VALUE']:,.2f}".removesuffix(".00"),
            california(metric["LAST_UPDATED"]),
            sources.get(metric["METRIC_NAME"], "unknown"),
        )
    console.print(table)


def show_questions(questions: list[Question], console: Console) -> None:
    """Print what waits for a person's decision."""
    for question in questions:
        console.print("An odd change is not public yet; decide:", question.link, soft_wrap=True)


def show_addresses(cloud: Cloud, console: Console) -> None:
    """Print where to look further."""
    console.print("Airflow UI      ", cloud.url("airflow"), soft_wrap=True)
    console.print("Published file  ", cloud.published_url, soft_wrap=True)
    console.print("Slack messages  ", cloud.url("slack"), soft_wrap=True)
    console.print("Logs            ", str(cloud.home.logs), soft_wrap=True)
    console.print("Everything stays up; end it with: make stop")


def california(moment: str) -> str:
    """A UTC time in ISO 8601 as a California clock shows it."""
    return f"{datetime.fromisoformat(moment).astimezone(CALIFORNIA):%Y-%m-%d %H:%M %Z}"

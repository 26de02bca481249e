"""Malibu's metrics, loaded and published once; each story starts from there."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from airflow.configuration import conf
from azure.storage.blob import BlobServiceClient

from include.publishing.azure_store import AzureStore
from include.publishing.names import PUBLISHED_FILE
from include.publishing.released import read_released
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, Version, saved_versions, version_of
from include.times import utc_now
from local.airflow_api import Question, Run
from local.azurite import client
from local.cloud import Cloud
from tests.blobs import SavedBlob, put_back, save_blobs
from tests.edited_metric import METRIC, set_value
from tests.people import People
from tests.scheduling.in_process import Airflow, airflow_in_process
from tests.scheduling.served_api import serving_api
from tests.slack import Slack
from tests.small_data import SMALL
from tests.statements.hook import pytest_runtest_call  # noqa: F401 (hook)
from tests.whole_dags.conftest import make_fresh
from tests.whole_dags.helpers import blob, messages

# The small data has too few permits to withdraw some.
BEFORE = 100.0


@dataclass
class Story:
    """A published metric, and what happens to it.

    Attributes:
        airflow: Airflow in this process.
        store: The storage account.
        before: The metric's value at the beginning.
    """

    cloud: Cloud
    airflow: Airflow
    store: Store
    before: float = BEFORE

    @property
    def people(self) -> People:
        return self.airflow.people

    @property
    def value(self) -> float:
        """The public value, read without credentials."""
        [value] = [
            one["METRIC_VALUE"]
            for one in blob(self.cloud, PUBLISHED_FILE)
            if one["METRIC_NAME"] == METRIC
        ]
        return float(value)

    @property
    def version(self) -> Version:
        """The public version."""
        return version_of(self.store.need(PUBLISHED))

    @property
    def saved(self) -> list[Version]:
        """The saved versions, the newest first."""
        return list(saved_versions(self.store, utc_now()))

    @property
    def slack(self) -> str:
        """The texts of all messages."""
        return "\n".join(one["text"] for one in messages(self.cloud))

    def change(self, value: float) -> None:
        """Have the source release another value; its asset's event is lost."""
        set_value(self.cloud, value)

    def publish(self, value: float) -> Run:
        """Have the source release another value, and publish."""
        self.change(value)
        return self.by_the_clock()

    def by_the_clock(self) -> Run:
        """Run `publish_metrics` as its timetable does."""
        run = self.airflow.run("publish_metrics")
        failed = [task for task, state in self.people.states(run).items() if "failed" in state]
        assert failed == [], self.airflow.attempts[-1].log.read_text()
        return run

    def ask(self, value: float) -> Question:
        """Publish a value that a person has to approve; return the question."""
        [question] = self.people.questions(self.publish(value))
        return question

    def restore(self, version: Version) -> Run:
        """Restore a version; it has to succeed."""
        run = self.people.restore(version.version, "The new value is a mistake")
        self.airflow.work()
        assert self.people.states(run, "promote", "record") == dict.fromkeys(
            ("promote", "record"), "success"
        )
        return run

    def release(self) -> Run:
        """Release the hold."""
        run = self.people.release("Malibu has fixed its list")
        self.airflow.work()
        return run

    def answer(self, question: Question, option: str, reason: str) -> dict[str, str]:
        """Answer a question; return the states of the run's tasks."""
        self.people.answer(question, option, reason)
        self.airflow.work()
        return self.people.states(question.run)


@pytest.fixture(scope="package")
def airflow(cloud: Cloud, parsed_project: None) -> Iterator[Airflow]:
    make_fresh(cloud)
    made = airflow_in_process(Path(conf.get("logging", "base_log_folder")))
    with serving_api():
        yield made


@pytest.fixture(scope="package")
def account(cloud: Cloud) -> Iterator[BlobServiceClient]:
    with closing(client(cloud.url("blob"))) as service:
        yield service


@pytest.fixture(scope="package")
def beginning(cloud: Cloud, airflow: Airflow, account: BlobServiceClient) -> list[SavedBlob]:
    """The blobs when the metric is public."""
    airflow.run("malibu")
    set_value(cloud, BEFORE)
    run = airflow.run("publish_metrics")
    for question in airflow.people.questions(run):
        airflow.people.answer(question, "Publish", "The beginning")
    airflow.work()
    return save_blobs(account)


@pytest.fixture
def story(
    cloud: Cloud, airflow: Airflow, account: BlobServiceClient, beginning: list[SavedBlob]
) -> Story:
    """Malibu's metrics are public; nobody has done anything."""
    put_back(account, beginning)
    shutil.rmtree(cloud.home.data)
    shutil.copytree(SMALL, cloud.home.data)
    Slack(cloud.url("slack")).clear()
    airflow.start_again()
    story = Story(cloud, airflow, AzureStore(account))
    assert story.value == BEFORE
    return story


def values(story: Story) -> dict[str, dict[str, float]]:
    """The released values of each source."""
    return {name: by_name(stored.content) for name, stored in read_released(story.store).items()}


def by_name(content: bytes) -> dict[str, float]:
    """The values of a released file."""
    return {one["METRIC_NAME"]: one["METRIC_VALUE"] for one in json.loads(content)}

"""No clear of any task, of the newest run or of an older one, changes what is public."""

from datetime import UTC, datetime
from itertools import product

import pytest

from include.publishing.holds import current_hold
from include.publishing.reconcile import read_publishing
from include.sources import COMPUTED, SOURCES
from local.airflow_api import Run
from tests.chaos.simulated_sources import SimulatedSources
from tests.stories.conftest import Story, values

# Each DAG that publishes, with the tasks of its two ways.
PUBLICATION = ("publish_metrics", "approve_change", "restore_metrics")
BROKEN = {"failed", "upstream_failed"}


def publications(story: Story) -> None:
    """Metrics that were published, approved, restored and released."""
    first = story.version
    story.publish(story.before + 1)
    story.answer(story.ask(story.before - 2), "Publish", "Three permits were withdrawn")
    story.restore(first)
    story.release()
    for question in story.people.questions():
        story.answer(question, "Publish", "Two permits were withdrawn, as before")
    assert story.value == story.before - 2


def clear_each_task(story: Story, runs: list[Run]) -> list[str]:
    """Clear every task of these runs, alone and with those after it.

    Returns:
        A line for each clear after which the public file, the hold or a task is not right.
    """
    wrong = []
    version, messages = story.version, len(story.slack)
    for run, task, downstream in cases(story, runs):
        story.people.clear(run, task, downstream=downstream)
        story.airflow.work()
        state = read_publishing(story.store, datetime.now(UTC))
        problem = {
            "is not public": not state.comparison.is_public,
            "is held": state.hold is not None,
            "was published again": story.version.sha256 != version.sha256,
            "failed": bool(BROKEN & set(story.people.states(run).values())),
            "was reported": len(story.slack) != messages,
        }
        wrong += [
            f"{run.dag}.{task} of {run.id}: {name}" for name, is_so in problem.items() if is_so
        ]
    return wrong


def cases(story: Story, runs: list[Run]) -> list[tuple[Run, str, bool]]:
    """Each task of these runs, alone and with those after it."""
    return [
        (run, task, downstream)
        for run in runs
        for task, downstream in product(sorted(story.people.states(run)), (False, True))
    ]


def test_after_a_newer_publication_no_clear_of_the_first_ones_changes_anything(
    story: Story,
) -> None:
    publications(story)
    first = [story.people.runs(dag)[0] for dag in PUBLICATION]
    story.publish(story.before + 3)

    assert clear_each_task(story, first) == []

    assert story.value == story.before + 3
    assert current_hold(story.store) is None


@pytest.mark.chaos
@pytest.mark.parametrize("newer", [False, True])
def test_no_clear_of_any_publication_changes_anything(newer: bool, story: Story) -> None:
    publications(story)
    if newer:
        story.publish(story.before + 3)
    value = story.value

    assert clear_each_task(story, runs_of(story, *PUBLICATION)) == []

    assert story.value == value


@pytest.mark.chaos
@pytest.mark.parametrize("source", SOURCES)
def test_no_clear_of_a_sources_task_releases_or_publishes_an_older_value(
    source: str, story: Story
) -> None:
    data = SimulatedSources(story.cloud.home.data, seed=7)
    story.airflow.run(source, force_full_load=True)
    data.change(source, datetime.now(UTC))
    story.airflow.run(source, force_full_load=True)
    for question in story.people.questions():
        story.answer(question, "Publish", "The newest values")
    released = values(story)
    if source in COMPUTED:
        assert released[source].items() >= data.expected_metrics[source][-1].items()

    assert clear_each_task(story, runs_of(story, source)) == []

    assert values(story) == released


def runs_of(story: Story, *dags: str) -> list[Run]:
    """Every run of these DAGs."""
    return [run for dag in dags for run in story.people.runs(dag)]

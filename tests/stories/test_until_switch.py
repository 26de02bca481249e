"""Beside an earlier system: nothing is public until a person releases the hold; the way back."""

import pytest

from include.pipeline.restore import HOLD
from include.publishing.earlier import EARLIER_URL
from include.publishing.names import PUBLIC_CONTAINER, VERSIONS_CONTAINER
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from tests.publishing.samples import file, metric
from tests.stories.conftest import Story

EARLIER = Place(PUBLIC_CONTAINER, "earlier.json")


@pytest.fixture
def beside(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Malibu has released, nothing was ever published, and the page reads another file."""
    monkeypatch.setenv(EARLIER_URL, story.store.public_url(EARLIER))
    story.store.write(EARLIER, file(metric("a", "1"), metric("b")))
    for path in story.store.list(VERSIONS_CONTAINER):
        story.store.delete(Place(VERSIONS_CONTAINER, path))
    story.store.delete(PUBLISHED)
    return story


def test_nothing_is_public_until_a_person_releases_the_hold_and_then_it_is(beside: Story) -> None:
    states = beside.people.states(beside.publish(beside.before + 1))
    assert states.pop("settle") == "success"
    assert set(states.values()) == {"skipped"}
    beside.airflow.run("watch_publication")
    assert beside.store.read(PUBLISHED) is None
    assert "ublic file" not in beside.slack, "a missing file is no finding"

    released = beside.release()

    assert beside.people.states(released, "release_hold", "publish") == {
        "release_hold": "success",
        "publish": "success",
    }
    assert beside.value == beside.before + 1
    assert "released the hold until the switch" in beside.slack
    beside.publish(beside.before + 2)
    assert beside.value == beside.before + 2, "publishing goes on while the setting is there"


def test_the_way_back_holds_publishing_and_leads_to_the_switch_again(beside: Story) -> None:
    beside.release()
    version = beside.version

    reason = "The page reads the earlier file again"
    held = beside.people.trigger("restore_metrics", action=HOLD, reason=reason)
    beside.airflow.work()

    assert beside.people.states(held, "promote", "verify", "record", "release_hold") == {
        "promote": "success",
        "verify": "success",
        "record": "success",
        "release_hold": "skipped",
    }
    beside.publish(beside.before + 1)
    assert beside.version == version
    beside.store.delete(PUBLISHED)
    beside.airflow.run("watch_publication")
    assert "ublic file" not in beside.slack, "nobody reads it"
    beside.release()
    assert beside.value == beside.before + 1

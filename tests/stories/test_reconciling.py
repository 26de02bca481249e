"""What is released becomes public without the event that should have started a publication."""

from datetime import UTC, datetime, timedelta

import pytest

from include.publishing.holds import current_hold
from include.publishing.versions import PUBLISHED
from tests.chaos.simulated_sources import SimulatedSources
from tests.edited_metric import METRIC
from tests.stories.conftest import Story, values

SKIPPED = dict.fromkeys(("audit", "promote", "verify", "record"), "skipped")


def test_without_a_difference_a_publication_ends_early_and_green(story: Story) -> None:
    version = story.version

    states = story.people.states(story.by_the_clock())

    assert states.pop("settle") == "success"
    assert set(states.values()) == {"skipped"}
    assert story.version == version


def test_what_was_released_before_a_restore_is_public_when_the_hold_is_released(
    story: Story,
) -> None:
    first = story.version
    story.publish(story.before + 1)
    story.restore(first)
    assert story.value == story.before

    released = story.release()

    assert story.people.states(released, "release_hold", "publish", "promote") == {
        "release_hold": "success",
        "publish": "success",
        "promote": "skipped",
    }
    assert story.value == story.before + 1


def test_what_was_released_while_the_publication_was_paused_is_public_by_the_clock(
    story: Story,
) -> None:
    story.people.pause("publish_metrics")
    story.change(story.before + 2)
    story.people.unpause("publish_metrics")
    assert story.value == story.before

    story.by_the_clock()

    assert story.value == story.before + 2


def test_a_source_that_was_run_with_do_not_publish_is_public_by_the_clock(story: Story) -> None:
    story.airflow.run("malibu", force_full_load=True, skip_publishing=True)
    loaded = story.people.newest_runs()
    assert {run.dag for run in loaded} == {"malibu", "publish_metrics"}
    assert story.value == story.before, "the run that the asset started has skipped everything"

    run = story.by_the_clock()

    assert story.people.states(run, "audit") == {"audit": "success"}


def test_a_run_that_is_queued_behind_it_keeps_no_publication_from_its_work(story: Story) -> None:
    older = story.publish(story.before + 1)
    story.change(story.before + 2)
    newer = story.people.trigger("publish_metrics")
    story.people.clear(older, "record")

    story.airflow.work()

    assert story.people.states(newer, "record") == {"record": "success"}
    assert story.value == story.before + 2


def test_held_metrics_are_not_asked_about_every_half_hour_and_the_page_knows_who_held_them(
    story: Story,
) -> None:
    question = story.ask(story.before - 3)
    story.answer(question, "Hold", "Malibu's server is wrong, says its e-mail")

    states = story.people.states(story.by_the_clock())

    assert states["audit"] == "skipped"
    assert story.people.questions() == []
    assert story.value == story.before


def test_a_question_is_asked_again_if_its_run_was_marked_as_failed(story: Story) -> None:
    question = story.ask(story.before - 3)
    assert story.people.questions(story.by_the_clock()) == [], "one question is enough"
    story.people.mark(question.run, "ask", "failed")
    story.airflow.work()

    [again] = story.people.questions(story.by_the_clock())

    story.answer(again, "Publish", "Three permits were withdrawn")
    assert story.value == story.before - 3


def test_after_a_restore_and_a_release_a_person_is_asked_about_the_same_values_again(
    story: Story,
) -> None:
    first = story.version
    story.publish(story.before + 1)
    story.ask(story.before - 3)
    story.restore(first)

    story.release()

    assert len(story.people.questions()) == 2, "the old question is about another served file"
    newest = story.people.questions()[-1]
    story.answer(newest, "Publish", "Three permits were withdrawn")
    assert story.value == story.before - 3


def test_a_public_file_that_somebody_deleted_is_published_again(story: Story) -> None:
    story.store.delete(PUBLISHED)

    story.by_the_clock()

    assert story.value == story.before


def test_what_replaces_a_deleted_file_is_compared_with_the_version_that_was_public(
    story: Story,
) -> None:
    story.store.delete(PUBLISHED)

    question = story.ask(0)

    assert f"| `{METRIC}` | {story.before:,.0f} | 0 | fell, and should not" in question.body


def test_what_is_not_public_for_an_hour_and_nothing_stops_is_reported(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.people.pause("publish_metrics")
    story.change(story.before + 2)
    story.airflow.run("watch_publication")
    assert "not public" not in story.slack, "an hour has not passed"

    monkeypatch.setattr("include.publishing.reconcile.PUBLIC_WITHIN", timedelta(days=-1))
    for _ in range(2):
        story.airflow.run("watch_publication")

    assert story.slack.count("Released metrics are not public since") == 1


def test_after_a_run_that_was_marked_as_success_the_source_is_loaded_and_released(
    story: Story,
) -> None:
    story.airflow.run("malibu", force_full_load=True)
    data = SimulatedSources(story.cloud.home.data, seed=3)
    data.change("malibu", datetime.now(UTC))
    story.airflow.kill("malibu.unload", times=3)
    killed = story.airflow.run("malibu")
    assert story.people.states(killed, "unload", "release") == {
        "unload": "failed",
        "release": "upstream_failed",
    }
    story.people.mark_run(killed, "success")

    following = story.airflow.run("malibu")

    assert story.people.states(following, "release") == {"release": "success"}
    assert values(story)["malibu"] == data.expected_metrics["malibu"][-1]


def test_a_source_that_renames_a_word_keeps_its_last_release_and_is_reported(story: Story) -> None:
    story.airflow.run("pasadena", force_full_load=True)
    released = values(story)["pasadena"]
    assert released["pasadena_rebuild_applications_in_review"] > 0
    rows = story.cloud.home.data / "arcgis" / "pasadena" / "features.json"
    rows.write_text(rows.read_text().replace('"In Review"', '"Under Review"'))

    story.airflow.run("pasadena", force_full_load=True)

    assert values(story)["pasadena"] == released
    assert "words_still_used_stg_pasadena__permits" in story.slack
    assert "permit_status: the value Under Review" in story.slack.replace("`", "")


def test_a_restore_that_is_killed_before_its_copy_is_reported_and_finished_when_it_is_cleared(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = story.version
    story.publish(story.before + 1)
    # After the message that writes the hold, before the copy.
    story.airflow.kill("restore_metrics.promote", at=7, times=3)
    restore = story.people.restore(first.version, "The new value is a mistake")
    story.airflow.work()
    assert story.people.states(restore, "promote") == {"promote": "failed"}
    hold = current_hold(story.store)
    assert hold is not None
    assert story.value == story.before + 1

    monkeypatch.setattr("include.publishing.holds.RESTORE_WITHIN", hold.since - hold.since)
    story.airflow.run("watch_publication")
    assert f"The restore by {hold.by} did not finish" in story.slack

    story.people.clear(restore, "promote")
    story.airflow.work()
    assert story.value == story.before
    assert story.people.states(restore, "record") == {"record": "success"}

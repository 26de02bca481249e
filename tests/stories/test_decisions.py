"""Decisions about suspicious changes: hold, publish, restore, release, and no answer."""

from tests.edited_metric import METRIC
from tests.stories.conftest import Story

SKIPPED = dict.fromkeys(("promote", "verify", "record"), "skipped")
SUCCESS = dict.fromkeys(("ask", "promote", "verify", "record"), "success")


def test_a_suspicious_change_waits_and_stays_private_if_a_person_holds_it(story: Story) -> None:
    question = story.ask(story.before - 3)
    row = f"| `{METRIC}` | {story.before:,.0f} | {story.before - 3:,.0f} | fell, and should not |"
    assert row in question.body
    assert f"<{question.link}" in story.slack

    states = story.answer(question, "Hold", "Malibu's server is wrong, says its e-mail")

    assert states == {"ask": "success", **SKIPPED}
    assert story.value == story.before
    assert "Malibu's server is wrong" in story.slack


def test_a_suspicious_change_is_public_with_its_reason_after_a_person_approved_it(
    story: Story,
) -> None:
    question = story.ask(story.before - 7)

    states = story.answer(question, "Publish", "Seven permits were withdrawn, by phone")

    assert states == SUCCESS
    assert story.value == story.before - 7
    assert story.version.decided_by
    assert story.version.reason == "Seven permits were withdrawn, by phone"
    assert "fell, and should not" in story.version.audit


def test_a_valid_candidate_does_not_wait_for_an_answer_and_replaces_the_one_that_does(
    story: Story,
) -> None:
    question = story.ask(story.before - 4)
    story.publish(story.before + 2)
    assert story.value == story.before + 2

    states = story.answer(question, "Publish", "Answered too late")

    assert states == {"ask": "success", **SKIPPED}
    assert story.value == story.before + 2


def test_without_an_answer_a_suspicious_change_stays_private(story: Story) -> None:
    question = story.ask(story.before - 1)

    story.airflow.let_questions_expire()
    story.airflow.work()

    assert story.people.states(question.run) == {"ask": "success", **SKIPPED}
    assert story.value == story.before
    assert "Nobody answered" in story.slack


def test_a_restored_version_stays_public_until_somebody_releases_the_hold(story: Story) -> None:
    story.publish(story.before + 1)
    _, earlier = story.saved
    restore = story.people.restore(earlier.version, "The additional permit was a mistake")
    story.airflow.work()
    assert set(story.people.states(restore, "promote", "verify", "record").values()) == {"success"}
    assert story.value == story.before
    assert "restored version" in story.slack

    story.publish(story.before + 3)
    assert story.value == story.before, "a restored version is held"

    story.people.release("Malibu has fixed its list")
    story.airflow.work()
    assert "released the hold" in story.slack
    assert story.value == story.before + 3, "the release starts a publication"


def test_a_promotion_that_is_killed_is_repeated_and_right(story: Story) -> None:
    story.airflow.kill("publish_metrics.promote", at=4)

    run = story.publish(story.before + 5)

    attempts = [one.number for one in story.airflow.attempts if one.task == "promote"]
    assert attempts == [1, 2]
    assert story.people.states(run)["promote"] == "success"
    assert story.value == story.before + 5


def test_a_paused_publication_waits_and_goes_on_when_it_is_unpaused(story: Story) -> None:
    story.people.pause("publish_metrics")
    story.change(story.before + 5)
    run = story.airflow.run("publish_metrics")
    assert set(story.people.states(run).values()) == {""}
    assert story.value == story.before

    story.people.unpause("publish_metrics")
    story.airflow.work()

    assert story.people.states(run)["record"] == "success"
    assert story.value == story.before + 5


def test_a_promotion_that_was_marked_as_failed_is_right_when_it_is_cleared(story: Story) -> None:
    run = story.publish(story.before + 5)
    story.people.mark(run, "promote", "failed")
    story.airflow.work()

    story.people.clear(run, "promote")
    story.airflow.work()

    assert story.people.states(run, "promote", "record") == dict.fromkeys(
        ("promote", "record"), "success"
    )
    assert story.value == story.before + 5

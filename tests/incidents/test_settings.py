"""A deployment's settings: Slack mentions, the repository and the GitHub connection."""

import json

import pytest

from include.incidents import settings
from include.incidents.airflow_links import form_url


@pytest.mark.parametrize("slack_id", ["U0123", "W0123", "U" + "A" * 20])
def test_a_person_is_mentioned_by_the_id(slack_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", json.dumps({"Ana": slack_id}))
    assert settings.mentions() == {"Ana": f"<@{slack_id}>"}


def test_a_group_is_mentioned_as_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    several = {"CalData or Analytica staff": "S0123456", "Analytica on-call": "U0123456"}
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", json.dumps(several))

    assert settings.mentions() == {
        "CalData or Analytica staff": "<!subteam^S0123456>",
        "Analytica on-call": "<@U0123456>",
    }


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (
            '{"Ana": "U0123456", "Ben": "<!here>"}',
            "'<!here>' is not a Slack id of a person (U…, W…) or a group (S…)",
        ),
        ('{"Ana": "U012"}', "'U012' is not a Slack id"),
        ('{"Ana": "C0123456"}', "'C0123456' is not a Slack id"),
        ('{"Ana": 7}', "'7' is not a Slack id"),
        ("Ana: U0123456", "Expecting value"),
        ('["U0123456"]', "'list' object has no attribute"),
        ("null", "'NoneType' object has no attribute"),
    ],
)
def test_with_an_invalid_variable_nobody_is_mentioned_and_the_reason_is_logged(
    value: str, reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", value)

    assert settings.mentions() == {}

    [line] = [each for each in caplog.messages if "incident_mentions" in each]
    assert line.startswith("The Variable incident_mentions is invalid, so nobody is mentioned: ")
    assert reason in line


@pytest.mark.parametrize(
    ("value", "repository"),
    [
        ("owner/name", "owner/name"),
        ("some-owner/the_name.x", "some-owner/the_name.x"),
        ("", ""),
        ("name", ""),
        ("https://github.com/owner/name", ""),
        ("owner/name ", ""),
        ("a/b/c", ""),
    ],
)
def test_the_repository_is_an_owner_and_a_name_or_none(
    value: str,
    repository: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", value)

    assert settings.repository() == repository
    assert [each for each in caplog.messages if "incident_repository" in each] == (
        []
        if value == repository
        else [f"The Variable incident_repository is not `owner/name`: {value!r}"]
    )


@pytest.mark.parametrize("text", [None, ""])
def test_a_deployment_without_variables_mentions_nobody_and_names_no_repository(
    text: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[tuple[str, object]] = []

    class Variable:
        @staticmethod
        def get(name: str, default: object = "no default") -> object:
            asked.append((name, default))
            return text

    monkeypatch.setattr(settings, "Variable", Variable)

    assert settings.mentions() == {}
    assert settings.repository() == ""
    assert asked == [("incident_mentions", None), ("incident_repository", None)]
    assert caplog.messages == []


def test_a_variable_that_is_not_a_text_is_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Variable:
        @staticmethod
        def get(name: str, default: object = None) -> object:
            return 7

    monkeypatch.setattr(settings, "Variable", Variable)
    assert settings.repository() == ""


def test_the_github_connection_has_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = '{"conn_type": "http", "host": "github.example", "password": "dummy-token"}'
    monkeypatch.setenv("AIRFLOW_CONN_GITHUB", stored)

    found = settings.github()

    assert found is not None
    assert (found.conn_id, found.host, found.password) == (
        "github", "github.example", "dummy-token",
    )  # fmt: skip


def test_a_deployment_without_a_github_connection_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_GITHUB", raising=False)
    assert settings.github() is None


def test_a_deployment_without_airflows_address_links_to_no_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "")
    assert form_url("usace", force_full_load=True) == ""
    monkeypatch.delenv("AIRFLOW__API__BASE_URL")
    assert settings.airflow_url() == ""


def test_a_form_is_linked_with_the_values_that_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://a.example/x/")
    assert form_url("usace", force_full_load=True, accept_drop=None) == (
        "https://a.example/x/plugin/sources/x/ddrc/run/usace?force_full_load=true"
    )

"""The dates of secrets: what is reported how long before a secret ends, and when it is over."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from include.incidents.alert_types import ALERT_TYPES
from include.incidents.decide import decide
from include.incidents.incident import Incident
from include.incidents.severity import LOW
from include.pipeline.secret_dates import (
    SecretDates,
    SecretDatesError,
    describe_end,
    observe_secret_dates,
    parse_secret_dates,
    read_secret_dates,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MONTH, WEEK, ENDED = (
    f"secrets: azure_storage{end}" for end in (", 30 days", ", 7 days", " has ended")
)
INVALID, NO_DATE = "secrets: invalid dates", "secrets: azure_storage has no date"


def dates(**left: timedelta) -> SecretDates:
    return SecretDates({name: NOW + after for name, after in left.items()})


class Year:
    """The incidents of a year, by what the watch sees."""

    def __init__(self) -> None:
        self.incidents: tuple[Incident, ...] = ()
        self.posted: list[tuple[str, list[str]]] = []

    def see(self, known: SecretDates, now: datetime = NOW) -> None:
        made = decide(self.incidents, observe_secret_dates(known, now), now)
        self.incidents = made.incidents
        self.posted += [
            (notice.event.value, [one.latest.key for one in notice.incidents])
            for notice in made.notices
        ]

    def open(self) -> list[str]:
        return [one.latest.key for one in self.incidents if one.is_open]

    def opened(self) -> list[list[str]]:
        return [keys for event, keys in self.posted if event == "opened"]


@pytest.mark.parametrize(
    ("left", "found"),
    [
        (31 * DAY, []),
        (30 * DAY + timedelta(seconds=1), []),
        (30 * DAY, [MONTH]),
        (8 * DAY, [MONTH]),
        (7 * DAY + timedelta(seconds=1), [MONTH]),
        (7 * DAY, [WEEK]),
        (timedelta(seconds=1), [WEEK]),
        (timedelta(), [ENDED]),
        (-100 * DAY, [ENDED]),
    ],
)
def test_a_secret_is_reported_30_and_7_days_before_its_end_and_at_its_end(
    left: timedelta, found: list[str]
) -> None:
    seen = observe_secret_dates(dates(azure_storage=left), NOW)
    assert [one.key for one in seen.problems] == found


def test_each_of_the_three_is_one_message_and_all_are_over_with_the_new_date() -> None:
    year, end = Year(), NOW + 40 * DAY
    for quarter in range(45 * 24):
        now = NOW + quarter * timedelta(hours=1)
        year.see(SecretDates({"azure_storage": end}), now)
    assert year.opened() == [[MONTH], [WEEK], [ENDED]]
    assert year.open() == [MONTH, WEEK, ENDED]

    year.see(SecretDates({"azure_storage": end + 365 * DAY}), NOW + 45 * DAY)
    assert year.open() == []
    assert {one.ended_by for one in year.incidents} == {
        "the secret of azure_storage ends on 2028-01-03"
    }


def test_a_month_before_the_end_a_reminder_a_week_is_enough_and_not_in_the_last_week() -> None:
    reminded = {}
    for name, left in (("month", 29 * DAY), ("week", 7 * DAY)):
        year, end = Year(), NOW + left
        for hour in range(6 * 24):
            year.see(SecretDates({"azure_storage": end}), NOW + hour * timedelta(hours=1))
        reminded[name] = sum(event == "reminded" for event, _ in year.posted)
    assert reminded["month"] <= 1
    assert reminded["week"] >= 2


def test_a_secret_that_no_longer_has_a_date_is_over() -> None:
    year = Year()
    year.see(dates(github=3 * DAY, azure_storage=90 * DAY))
    assert year.open() == ["secrets: github, 7 days"]
    year.see(dates(azure_storage=90 * DAY), NOW + DAY / 24)
    assert year.open() == []


def test_several_secrets_are_one_message() -> None:
    year = Year()
    year.see(dates(github=3 * DAY, ASTRO_API_TOKEN=20 * DAY, azure_storage=90 * DAY))
    assert year.posted == [
        ("opened", ["secrets: ASTRO_API_TOKEN, 30 days", "secrets: github, 7 days"])
    ]


def test_a_finding_is_low_and_says_when_the_secret_ends() -> None:
    year = Year()
    year.see(dates(azure_storage=29.5 * DAY))
    [incident] = year.incidents
    assert incident.latest.error == (
        "The secret of azure_storage ends on 2026-12-23, in 29 days: replace it before."
    )
    assert incident.severity(NOW) == LOW
    assert incident.latest.assessment.public_sees == "The last good values."
    assert incident.latest.assessment.why == (
        "The public file is not affected until a task is refused, and then gets no newer values."
    )


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=3), "ends on 2026-11-24, in less than a day: replace it before."),
        (1.5 * DAY, "ends on 2026-11-25, in 1 day: replace it before."),
        (timedelta(), "has ended on 2026-11-24: whatever uses it is refused."),
        (-DAY, "has ended on 2026-11-23: whatever uses it is refused."),
    ],
)
def test_the_end_is_said_in_days(left: timedelta, said: str) -> None:
    assert describe_end("github", NOW + left, NOW) == f"The secret of github {said}"


@pytest.mark.parametrize("key", [MONTH, WEEK, ENDED, INVALID, NO_DATE])
def test_each_finding_has_a_remedy_of_its_own(key: str) -> None:
    remedies = ALERT_TYPES["secrets"].findings
    assert sum(part in key for part in remedies) == 1


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("2027-11-28T18:04:05Z", datetime(2027, 11, 28, 18, 4, 5, tzinfo=UTC)),
        ("2027-11-28T18:04:05.123456+00:00", datetime(2027, 11, 28, 18, 4, 5, 123456, tzinfo=UTC)),
        # A day begins in California.
        ("2027-11-28", datetime(2027, 11, 28, 8, tzinfo=UTC)),
        ("2027-07-01", datetime(2027, 7, 1, 7, tzinfo=UTC)),
    ],
)
def test_a_date_is_a_day_or_a_time_as_azure_prints_it(written: str, end: datetime) -> None:
    assert parse_secret_dates(json.dumps({"azure_storage": written})) == {"azure_storage": end}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027-11-28", "is not a JSON object of dates"),
        ("[]", "is not a JSON object of dates"),
        ('"2027-11-28"', "is not a JSON object of dates"),
        ('{"github": "next year"}', "has no date for github"),
        ('{"github": null}', "has no date for github"),
        ('{"github": ""}', "has no date for github"),
        ('{"github": {"end": "2027-11-28"}}', "has no date for github"),
    ],
)
def test_what_is_not_a_date_is_an_error_with_an_example(text: str, said: str) -> None:
    with pytest.raises(SecretDatesError, match=f"{said}.*2027-11-28"):
        parse_secret_dates(text)


def test_a_secret_that_was_entered_in_the_place_of_its_date_is_not_shown() -> None:
    with pytest.raises(SecretDatesError) as raised:
        parse_secret_dates('{"azure_storage": "hunter2-hunter2"}')
    assert "hunter2" not in str(raised.value)


def test_an_invalid_variable_is_reminded_of_each_working_day() -> None:
    [problem] = observe_secret_dates(SecretDates({}, error="It is not JSON."), NOW).problems
    assert not problem.is_deliberate


def test_an_invalid_variable_is_one_finding_and_ends_no_other() -> None:
    year = Year()
    year.see(dates(azure_storage=3 * DAY))
    year.see(SecretDates({}, "The Variable is wrong."), NOW + DAY / 24)
    assert year.open() == [WEEK, INVALID]
    year.see(dates(azure_storage=2 * DAY), NOW + DAY / 12)
    assert year.open() == [WEEK]
    [invalid] = [one for one in year.incidents if one.latest.key == INVALID]
    assert invalid.ended_by.endswith("is valid")


@pytest.mark.parametrize(
    ("connection", "variable", "error", "is_missing"),
    [
        # A secret of an app registration always ends.
        ({"password": "dummy"}, None, "", True),
        ({"password": "dummy"}, '{"github": "2027-11-28"}', "", True),
        ({"password": "dummy"}, '{"azure_storage": "2027-11-28"}', "", False),
        # A connection string has an account key, which does not.
        ({"extra": {"connection_string": "dummy"}}, None, "", False),
        (None, None, "", False),
        ({"password": "dummy"}, "soon", "not a JSON object", False),
    ],
)
def test_azures_secret_needs_a_date(
    connection: dict[str, object] | None,
    variable: str | None,
    error: str,
    is_missing: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_AZURE_STORAGE", raising=False)
    monkeypatch.delenv("AIRFLOW_VAR_SECRET_END_DATES", raising=False)
    if connection is not None:
        value = json.dumps({"conn_type": "wasb", **connection})
        monkeypatch.setenv("AIRFLOW_CONN_AZURE_STORAGE", value)
    if variable is not None:
        monkeypatch.setenv("AIRFLOW_VAR_SECRET_END_DATES", variable)

    known = read_secret_dates()

    assert error in known.error
    assert bool(error) == bool(known.error)
    assert known.is_azures_missing is is_missing
    assert NO_DATE in [one.key for one in observe_secret_dates(known, NOW).problems] or (
        not is_missing
    )


def test_a_reminder_of_the_missing_date_a_week_is_enough() -> None:
    [problem] = observe_secret_dates(SecretDates({}, is_azures_missing=True), NOW).problems
    assert problem.is_deliberate


def test_the_missing_date_is_over_when_it_is_entered() -> None:
    year = Year()
    year.see(SecretDates({}, is_azures_missing=True))
    assert year.open() == [NO_DATE]
    year.see(dates(azure_storage=90 * DAY), NOW + DAY)
    assert year.open() == []
    [missing] = year.incidents
    assert missing.ended_by == "the end of the secret of azure_storage is known"

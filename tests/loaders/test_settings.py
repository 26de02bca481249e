"""Settings of a source: their values, and what is said about a wrong one."""

import re

import pytest

from include.loaders import LoadOptions, PermanentError
from include.loaders.settings import Setting, parse_settings, settings_of, with_settings

HERE = "the form of this run"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("arcgis", ["page_size", "concurrency", "retry_seconds", "timeout_seconds"]),
        ("json", ["retry_seconds", "timeout_seconds"]),
        ("fivetran", []),
    ],
)
def test_a_kind_of_source_has_the_settings_that_apply_to_it(kind: str, names: list[str]) -> None:
    settings = settings_of(kind)  # type: ignore[arg-type]
    assert list(settings) == names
    assert all(setting.name == name for name, setting in settings.items())
    assert set(names) <= set(LoadOptions.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("page_size", 1, 1),
        ("page_size", 500.0, 500),
        ("page_size", " 500 ", 500),
        ("concurrency", "32", 32),
        ("retry_seconds", 0, 0.0),
        ("retry_seconds", "0.5", 0.5),
        ("timeout_seconds", 300, 300.0),
    ],
)
def test_a_value_may_be_a_number_or_text_with_one(name: str, given: object, value: float) -> None:
    [(_, parsed)] = parse_settings("usace", "arcgis", {name: given}, HERE).items()
    assert parsed == value
    assert type(parsed) is type(value)


def test_what_nobody_has_set_is_left_out() -> None:
    assert parse_settings("usace", "arcgis", {"page_size": None}, HERE) == {}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("page_size", 0),
        ("page_size", 100_001),
        ("page_size", 1.5),
        ("page_size", True),
        ("page_size", "1_000"),
        ("page_size", ""),
        ("page_size", [500]),
        ("concurrency", 33),
        ("retry_seconds", -1),
        ("retry_seconds", float("nan")),
        ("retry_seconds", "1e3"),
        ("timeout_seconds", 0.5),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_what_is_allowed(
    name: str, given: object
) -> None:
    allowed = settings_of("arcgis")[name].allowed
    reason = f"usace: {HERE} has {name} {given!r}; {name} is {allowed}."
    with pytest.raises(PermanentError, match=f"^{re.escape(reason)}$"):
        parse_settings("usace", "arcgis", {name: given}, HERE)


@pytest.mark.parametrize(
    ("kind", "name", "known"),
    [
        ("arcgis", "pagesize", "page_size, concurrency, retry_seconds, timeout_seconds"),
        ("json", "page_size", "retry_seconds, timeout_seconds"),
        ("fivetran", "retry_seconds", "no settings"),
    ],
)
def test_an_unknown_setting_is_refused_with_those_that_exist(
    kind: str, name: str, known: str
) -> None:
    reason = f"malibu: {HERE} has {name!r}, which is no setting of malibu; it has {known}."
    with pytest.raises(PermanentError, match=f"^{re.escape(reason)}$"):
        parse_settings("malibu", kind, {name: 5}, HERE)  # type: ignore[arg-type]


def test_the_allowed_values_are_named_in_words() -> None:
    assert Setting("a", "", "", 1, 2_000, is_whole=True).allowed == "a whole number from 1 to 2,000"
    assert Setting("a", "", "", 0, 900).allowed == "a number from 0 to 900"


def test_a_longer_silence_leaves_time_for_the_whole_answer() -> None:
    options = LoadOptions()
    assert with_settings(options, {}) == options
    assert with_settings(options, {"timeout_seconds": 10.0}).request_seconds == 180.0
    assert with_settings(options, {"timeout_seconds": 100.0}).request_seconds == 300.0

"""The parameters of a source's run, as its form gives them."""

import re
from copy import deepcopy

import pytest
from airflow.sdk.exceptions import ParamValidationError

from include.pipeline.params import (
    RunParams,
    params_of,
    run_params,
    triggered_by,
)
from include.sources import SOURCES
from tests.pipeline.forms import FORMS
from tests.pipeline.running import context_of


def test_a_dag_without_parameters_has_the_defaults() -> None:
    assert run_params(context_of()) == RunParams()


def test_the_form_is_read() -> None:
    given = {"force_full_load": True, "skip_publishing": True}
    assert run_params(context_of(**given)) == RunParams(True, None, True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "by", "accepted"),
    [
        ("  Two withdrew ", None, "Two withdrew"),
        ("Two withdrew", "ada", "Two withdrew (accepted by ada)"),
        ("  ", "ada", None),
        (None, "ada", None),
    ],
)
def test_an_accepted_drop_names_its_person(
    reason: str | None, by: str | None, accepted: str | None
) -> None:
    assert run_params(context_of(by=by, accept_drop=reason)).accept_drop == accepted


def test_a_run_knows_who_triggered_it() -> None:
    assert triggered_by(context_of(by="ada")) == "ada"
    assert triggered_by(context_of()) is None


def test_only_a_load_can_accept_a_drop_and_has_the_settings_of_its_kind() -> None:
    load = ["force_full_load", "accept_drop", "skip_publishing"]
    patience = ["retry_seconds", "timeout_seconds"]
    assert list(params_of(SOURCES["airtable"])) == ["force_full_load", "skip_publishing"]
    assert list(params_of(SOURCES["malibu"])) == [*load, *patience]
    assert list(params_of(SOURCES["usace"])) == [*load, "page_size", "concurrency", *patience]
    for param in params_of(SOURCES["usace"]).values():
        assert param.schema["title"]
        assert param.description or param.schema.get("description")


@pytest.mark.parametrize("source", SOURCES)
def test_airflows_form_marks_no_field_of_a_source_as_required(source: str) -> None:
    for name, param in params_of(SOURCES[source]).items():
        assert "null" in param.schema["type"], name
        assert isinstance(param.schema["type"], list), "a text contains null too"


@pytest.mark.parametrize("name", ["force_full_load", "skip_publishing"])
def test_a_switch_is_on_or_off_and_its_help_says_what_happens_to_the_public_file(
    name: str,
) -> None:
    param = deepcopy(params_of(SOURCES["usace"])[name])
    assert param.value is False
    assert [param.resolve(value) for value in (True, False)] == [True, False]
    with pytest.raises(ParamValidationError):
        param.resolve("yes")
    assert "public file" in str(param.description or param.schema.get("description"))


@pytest.mark.parametrize("form", FORMS)
def test_every_field_has_a_type_of_json_schema(form: str) -> None:
    for name, param in FORMS[form].items():
        types = param.schema["type"]
        named = {types} if isinstance(types, str) else set(types)
        assert named <= {"null", "string", "boolean", "integer", "number"}, name


@pytest.mark.parametrize("form", FORMS)
def test_every_field_has_a_title_and_says_what_it_does(form: str) -> None:
    for name, param in FORMS[form].items():
        assert param.schema["title"], name
        assert param.description or param.schema.get("description"), name


def test_an_incidents_identifier_has_at_most_200_characters() -> None:
    name = FORMS["set_severity"]["incident"]
    assert deepcopy(name).resolve("x" * 200) == "x" * 200
    with pytest.raises(ParamValidationError):
        deepcopy(name).resolve("x" * 201)


REASONS = {
    "accept_drop": FORMS["usace"]["accept_drop"],
    "restore": FORMS["restore_metrics"]["reason"],
    "release": FORMS["release_hold"]["reason"],
    "severity": FORMS["set_severity"]["reason"],
}


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_has_ten_to_five_hundred_characters_and_its_help_says_so(name: str) -> None:
    param = deepcopy(REASONS[name])
    for length in (10, 500):
        assert param.resolve("x" * length) == "x" * length
    for length in (9, 501):
        with pytest.raises(ParamValidationError):
            param.resolve("x" * length)
    help_text = str(param.description or param.schema.get("description"))
    assert re.search(r"(10|Ten) to 500 characters", help_text)


def test_the_forms_settings_are_read() -> None:
    given = {"page_size": 500, "retry_seconds": 0, "concurrency": None}
    context = context_of(**given)  # type: ignore[arg-type]
    assert run_params(context).settings == {"page_size": 500, "retry_seconds": 0}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("page_size", [None, 1, 100_000], [0, 100_001, "500", 1.5, True]),
        ("concurrency", [None, 1, 32], [0, 33, "4"]),
        ("retry_seconds", [None, 0, 0.5, 900], [-1, 901, "60"]),
        ("timeout_seconds", [None, 1, 300], [0, 301, "60"]),
    ],
)
def test_a_form_refuses_a_setting_that_is_out_of_bounds(
    name: str, right: list[object], wrong: list[object]
) -> None:
    param = deepcopy(params_of(SOURCES["usace"])[name])
    assert [param.resolve(value) for value in right] == right
    for value in wrong:
        with pytest.raises(ParamValidationError):
            param.resolve(value)


def test_a_form_refuses_what_it_does_not_know() -> None:
    # A parameter keeps what it has resolved.
    params = deepcopy(params_of(SOURCES["usace"]))
    accept = params["accept_drop"]
    assert accept.resolve() is None
    assert accept.resolve("x" * 10) == "x" * 10
    assert accept.resolve("x" * 500) == "x" * 500
    for wrong in ("x" * 9, "x" * 501, 7):
        with pytest.raises(ParamValidationError):
            accept.resolve(wrong)
    for name in ("force_full_load", "skip_publishing"):
        assert params[name].resolve() is False
        with pytest.raises(ParamValidationError):
            params[name].resolve("yes")

"""The parameters of a source's run, as its form gives them."""

from copy import deepcopy

import pytest
from airflow.sdk.exceptions import ParamValidationError

from include.pipeline.params import (
    LOAD_PARAMS,
    SYNC_PARAMS,
    RunParams,
    run_params,
    triggered_by,
)
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


def test_only_a_load_can_accept_a_drop() -> None:
    assert list(SYNC_PARAMS) == ["force_full_load", "skip_publishing"]
    assert list(LOAD_PARAMS) == ["force_full_load", "accept_drop", "skip_publishing"]
    for param in LOAD_PARAMS.values():
        assert param.schema["title"]
        assert param.description or param.schema.get("description")


def test_a_form_refuses_what_it_does_not_know() -> None:
    # A parameter keeps what it has resolved.
    params = deepcopy(dict(LOAD_PARAMS))
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

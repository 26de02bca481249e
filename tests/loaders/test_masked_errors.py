"""No secret of an error leaves the loaders: messages, reports, the load log, the command line."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from include.loaders import LoadError, TransientError
from include.loaders.raw import load_log
from include.loaders.raw.session import Session
from include.loaders.report import ExportReport
from tests.dummy_secrets import ERRORS
from tests.loaders.command_line import run
from tests.loaders.layer import PATH
from tests.loaders.recorded import REPORT, RecordedWarehouse
from tests.loaders.service import Service, esri_error, reply

each_secret = pytest.mark.parametrize(("text", "secret"), ERRORS.values(), ids=ERRORS)


@each_secret
def test_an_error_shows_no_secret_wherever_it_quotes_one(text: str, secret: str) -> None:
    error = TransientError("epa", text, f"GET {text}", f"No: {text}")

    assert secret not in f"{error} {error!r} {error.args} {vars(error)}"
    assert "***" in str(error)
    again: LoadError = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)


@each_secret
def test_a_report_and_the_load_log_show_no_secret(text: str, secret: str) -> None:
    report = replace(REPORT, reason=text, notes=("one", text))
    warehouse = RecordedWarehouse()

    load_log.record(Session("epa", "RAW", warehouse.connect), report)

    [values] = warehouse.values
    assert secret not in f"{report} {json.dumps(report.as_dict())} {values}"
    assert "***" in values[-2]
    assert "***" in values[-1]


@each_secret
def test_an_exports_report_shows_no_secret(text: str, secret: str) -> None:
    report = ExportReport(1, 2, 3, 4.5, 5, "abc", (text,))

    assert secret not in json.dumps(report.as_dict())
    assert "***" in report.notes[0]


@pytest.mark.parametrize("is_esri", [True, False])
@each_secret
def test_the_command_shows_no_secret_of_a_services_answer(
    is_esri: bool, text: str, secret: str, service: Service, tmp_path: Path
) -> None:
    refusal = esri_error(400, text) if is_esri else reply({"message": text}, 404)
    service.always(lambda request: True, refusal)

    result = run("arcgis", service.url + PATH, "--output", tmp_path / "x.parquet")

    assert result.exit_code == 1
    assert secret not in result.output + result.stderr
    assert "***" in result.stderr

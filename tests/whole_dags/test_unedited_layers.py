"""A layer that was not edited is not loaded again; everything else is."""

import json

import pytest

from include.pipeline import change_detection
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from local.home import REPOSITORY
from tests.whole_dags.helpers import DBT, blob, rows, run_dag, statements

LOADS = "SELECT OUTCOME, REASON FROM RAW_DDRC_DEV.LOADING.LOAD_LOG ORDER BY LOADED_AT"


def test_a_layer_that_was_not_edited_costs_the_warehouse_nothing(loaded: Cloud) -> None:
    before = blob(loaded, "sources/pasadena.json")
    seen = statements(loaded)[-1]["number"]

    second = run_dag("pasadena")

    assert second.pop("look_for_edits") == "success"
    assert set(second.values()) == {"skipped"}
    assert statements(loaded, since=seen) == []
    assert blob(loaded, "sources/pasadena.json") == before


def test_an_edited_layer_is_loaded_again(loaded: Cloud) -> None:
    edit(loaded, "pasadena")

    assert set(run_dag("pasadena", mark_success=DBT).values()) == {"success"}

    assert outcomes(loaded) == ["loaded", "loaded"]


def test_a_layer_that_no_longer_declares_an_edit_time_is_compared_by_its_rows(
    loaded: Cloud,
) -> None:
    edit(loaded, "pasadena", forget=True)

    same = run_dag("pasadena", mark_success=DBT)
    break_permit_number(loaded)
    other = run_dag("pasadena", mark_success=DBT)

    ran = {task for task, state in same.items() if state == "success"}
    assert ran == {"look_for_edits", "load"}
    assert set(other.values()) == {"success"}
    assert outcomes(loaded) == ["loaded"] * 2


def test_a_full_load_can_be_forced(loaded: Cloud) -> None:
    forced = run_dag("pasadena", mark_success=DBT, force_full_load=True)

    assert set(forced.values()) == {"success"}
    assert outcomes(loaded) == ["loaded", "loaded"]


def test_newly_deployed_code_loads_an_unedited_layer_again(
    loaded: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", "COLLEAGUE")

    states = run_dag("pasadena", mark_success=DBT)

    assert states["load"] == "success"


def test_the_run_after_a_failed_transform_is_not_skipped(loaded: Cloud) -> None:
    break_permit_number(loaded)
    failed = run_dag("pasadena", force_full_load=True)
    assert failed["load"] == "success"
    assert failed["unload"] == "upstream_failed"

    again = run_dag("pasadena")

    assert again["load"] == "success"
    assert again["unload"] == "upstream_failed", "the next run does everything again"


def test_a_collapse_is_refused_until_a_person_accepts_it_with_a_reason(loaded: Cloud) -> None:
    before = blob(loaded, "sources/pasadena.json")
    keep_two_permits(loaded)
    edit(loaded, "pasadena")

    assert run_dag("pasadena")["load"] == "failed"
    assert blob(loaded, "sources/pasadena.json") == before

    reason = "The city withdrew duplicates, by phone on 3 March"
    accepted = run_dag("pasadena", mark_success=DBT, accept_drop=reason)

    assert set(accepted.values()) == {"success"}
    assert reason in rows(loaded, LOADS)[-1][1]


def test_a_service_that_does_not_answer_fails_the_run_and_keeps_the_file(loaded: Cloud) -> None:
    before = blob(loaded, "sources/pasadena.json")
    set_fault(loaded.home.faults, "pasadena", "error-500")

    states = run_dag("pasadena")
    clear_faults(loaded.home.faults)

    assert states["unload"] == "upstream_failed"
    assert blob(loaded, "sources/pasadena.json") == before
    again = run_dag("pasadena", mark_success=DBT)
    assert again["look_for_edits"] == "success"
    assert again["load"] == "skipped", "the failed run has written nothing"


def test_the_hash_of_the_code_changes_with_any_model_or_package(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("project")
    model = root / "include" / "transform" / "models" / "mart.sql"
    made = root / "include" / "transform" / "target" / "mart.sql"
    for file in (model, made, root / "requirements.txt"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("one")
    found = [change_detection.hash_code(root)]
    for file in (model, root / "requirements.txt"):
        file.write_text("another")
        found.append(change_detection.hash_code(root))

    assert len(set(found)) == len(found)
    made.write_text("another")
    assert change_detection.hash_code(root) == found[-1]
    assert change_detection.hash_code(REPOSITORY) == change_detection.hash_code(REPOSITORY)


def outcomes(cloud: Cloud) -> list[str]:
    """The outcome of each load, oldest first."""
    return [outcome for outcome, _ in rows(cloud, LOADS)]


def edit(cloud: Cloud, layer: str, *, forget: bool = False) -> None:
    """Change a layer's declared edit time, or remove it."""
    file = cloud.home.data / "arcgis" / layer / "layer.json"
    content = json.loads(file.read_text())
    if forget:
        del content["editingInfo"]
    else:
        content["editingInfo"]["lastEditDate"] += 1
    file.write_text(json.dumps(content))


def break_permit_number(cloud: Cloud) -> None:
    """Remove a row's key, which a test of the staging model refuses."""
    file = cloud.home.data / "arcgis" / "pasadena" / "features.json"
    content = json.loads(file.read_text())
    content["features"][1]["attributes"]["PERMIT_NUMBER"] = None
    file.write_text(json.dumps(content))


def keep_two_permits(cloud: Cloud) -> None:
    """Remove most of a layer's rows."""
    file = cloud.home.data / "arcgis" / "pasadena" / "features.json"
    content = json.loads(file.read_text())
    content["features"] = content["features"][:2]
    file.write_text(json.dumps(content))

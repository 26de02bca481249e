"""The metrics' definitions: each mart's SQL and YAML agree, and a mistake is one readable line.

Nothing here starts a server or dbt.
"""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from include.sources import SOURCES
from include.transform_project import (
    PROJECT,
    DefinitionError,
    hand_kept_limits,
    metric_definitions,
    project_variables,
)

MARTS = Path("models") / "marts" / "metrics"
FOLDER = MARTS / "usace"
YAML, SQL = "_usace__metrics.yml", "usace_metrics.sql"
# Metrics that may fall without a person's review, written a second time on purpose.
MAY_FALL = {
    "airtable": [
        "county_building_plan_reviews_in_process",
        "la_city_in_review",
        "schools_resumed_virtual",
        "water_restoration",
        "air_stationary_deployed",
    ],
    "malibu": ["malibu_rebuild_applications_in_review"],
    "pasadena": ["pasadena_rebuild_applications_in_review"],
    "usace": ["phase2_parcels_in_queue"],
}
COMPUTED_FROM_ROWS = [name for name in SOURCES if SOURCES[name].metrics != "entered by staff"]
# A metric's SELECT begins with its name.
COUNTED = re.compile(r"'([^']*)'\s+as\s+metric_name", re.IGNORECASE)
COMMENT = re.compile(r"--.*")


def disagreements(source: str, project: Path = PROJECT) -> list[str]:
    """The differences between a mart's SQL and its YAML, one line each."""
    yaml, sql = f"_{source}__metrics.yml", f"{source}_metrics.sql"
    text = (project / MARTS / source / sql).read_text(encoding="utf-8")
    counted = Counter(COUNTED.findall(COMMENT.sub("", text)))
    defined = {metric.name for metric in metric_definitions(project).get(source, ())}
    return [
        *(
            f"{sql} counts {name}, which {yaml} does not define: add it under config.meta.metrics"
            for name in sorted(counted.keys() - defined)
        ),
        *(
            f"{yaml} defines {name}, which {sql} does not count: add a SELECT to its counts"
            for name in sorted(defined - counted.keys())
        ),
        *(
            f"{sql} counts {name} {times} times: delete all but one SELECT"
            for name, times in counted.items()
            if times > 1
        ),
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the metrics marts."""
    shutil.copytree(PROJECT / MARTS, tmp_path / MARTS)
    return tmp_path


def rewrite(project: Path, name: str, old: str, new: str) -> None:
    """Replace a text, once, in a file of USACE's mart."""
    file = project / FOLDER / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def mistake(project: Path) -> str:
    """The message about a mistake in a project's definitions, without the folder of the file."""
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(project)
    message = str(raised.value)
    assert "\n" not in message
    return message.removeprefix(f"{FOLDER.as_posix()}/")


@pytest.mark.parametrize("source", COMPUTED_FROM_ROWS)
def test_a_mart_counts_what_its_yaml_defines(source: str) -> None:
    found = disagreements(source)
    assert not found, "\n".join(found)
    assert metric_definitions()[source]


def test_a_metric_without_a_definition_is_found(project: Path) -> None:
    rewrite(project, SQL, "'phase2_roes_accepted' as", "'phase2_x' as")
    assert disagreements("usace", project) == [
        f"{SQL} counts phase2_x, which {YAML} does not define: add it under config.meta.metrics",
        f"{YAML} defines phase2_roes_accepted, which {SQL} does not count:"
        " add a SELECT to its counts",
    ]


def test_a_definition_without_a_select_is_found(project: Path) -> None:
    rewrite(project, YAML, "- name: phase2_roes_accepted", "- name: phase2_x")
    assert disagreements("usace", project) == [
        f"{SQL} counts phase2_roes_accepted, which {YAML} does not define:"
        " add it under config.meta.metrics",
        f"{YAML} defines phase2_x, which {SQL} does not count: add a SELECT to its counts",
    ]


def test_a_select_in_a_comment_counts_nothing(project: Path) -> None:
    rewrite(project, SQL, "'phase2_roes_accepted' as", "-- 'phase2_roes_accepted' as")
    assert disagreements("usace", project) == [
        f"{YAML} defines phase2_roes_accepted, which {SQL} does not count:"
        " add a SELECT to its counts"
    ]


def test_a_metric_that_is_counted_twice_is_found(project: Path) -> None:
    select = "'phase2_roes_accepted' as metric_name"
    rewrite(project, SQL, select, f"{select}, {select}")
    assert disagreements("usace", project) == [
        f"{SQL} counts phase2_roes_accepted 2 times: delete all but one SELECT"
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "            unit_label: rights of entry accepted\n",
            "",
            "phase2_roes_accepted has no unit_label: add a line `unit_label: …` with a text",
        ),
        (
            "unit_label: rights of entry accepted",
            "unit_label: 7",
            "phase2_roes_accepted has no unit_label: add a line `unit_label: …` with a text",
        ),
        (
            "unit_label: rights",
            "unit_lable: rights",
            "phase2_roes_accepted has an unknown unit_lable:"
            " it may have name, unit_label, type, frequency, limits",
        ),
        (
            "- name: phase2_roes_accepted",
            "- name: Phase2 ROEs",
            "the metric's name 'Phase2 ROEs' is not valid: use lower-case letters, digits and"
            " underscores, for example phase2_roes_accepted",
        ),
        (
            "- name: phase2_roes_accepted",
            "- label: phase2_roes_accepted",
            "the metric's name None is not valid: use lower-case letters, digits and"
            " underscores, for example phase2_roes_accepted",
        ),
        (
            "frequency: daily",
            "frequency: hourly",
            "phase2_roes_accepted has the unknown frequency 'hourly':"
            " use one of as needed, daily, weekly, monthly, completed, content update",
        ),
        (
            "{may_fall: true}",
            "{may_fal: true}",
            "phase2_parcels_in_queue has the unknown limit may_fal:"
            " use one of may_fall, jump, least",
        ),
        (
            "{may_fall: true}",
            "{may_fall: 1}",
            "phase2_parcels_in_queue has the limit may_fall: 1: write true or false",
        ),
        (
            "{may_fall: true}",
            "{jump: a lot}",
            "phase2_parcels_in_queue has the limit jump: 'a lot': write a number",
        ),
        (
            "{may_fall: true}",
            "may_fall",
            "the limits of phase2_parcels_in_queue is 'may_fall': write `key: value` pairs",
        ),
        (
            "- name: phase2_parcels_in_queue",
            "- name: phase2_roes_accepted",
            f"phase2_roes_accepted is defined in {FOLDER.as_posix()}/{YAML} too:"
            " rename or delete one of them",
        ),
        (
            "        metrics:\n",
            "        metrics: phase2\n        others:\n",
            "config.meta.metrics is not a list: write one `- name: …` a metric",
        ),
        (
            "  - name: usace_metrics",
            "  - name: usace",
            "there is no model usace_metrics: add it under models",
        ),
    ],
)
def test_a_wrong_definition_is_one_line(project: Path, old: str, new: str, message: str) -> None:
    rewrite(project, YAML, old, new)
    assert mistake(project) == f"{YAML}: {message}"


def test_a_metric_of_two_sources_is_one_line(project: Path) -> None:
    rewrite(project, YAML, "- name: phase2_roes_accepted", "- name: cleanup_phase1_complete")
    other = MARTS / "epa" / "_epa__metrics.yml"
    assert mistake(project) == (
        f"{YAML}: cleanup_phase1_complete is defined in {other.as_posix()} too:"
        " rename or delete one of them"
    )


def test_a_file_that_is_not_yaml_is_one_line(project: Path) -> None:
    rewrite(project, YAML, "models:\n", "models: [\n")
    assert mistake(project).startswith(f"{YAML}: line 4 is not YAML: ")


def test_a_character_that_yaml_does_not_allow_is_one_line(project: Path) -> None:
    rewrite(project, YAML, "models:\n", "models:\x07\n")
    assert mistake(project).startswith(f"{YAML}: it is not YAML: unacceptable character #x0007")


def test_a_mart_of_no_source_is_one_line(project: Path) -> None:
    (project / FOLDER).rename(project / MARTS / "usaec")
    (project / MARTS / "usaec" / YAML).rename(project / MARTS / "usaec" / "_usaec__metrics.yml")
    assert mistake(project) == (
        f"{MARTS.as_posix()}/usaec/_usaec__metrics.yml: there is no source usaec:"
        " declare it in include/sources/usaec.py"
    )


def test_a_file_of_another_name_than_its_folder_is_one_line(project: Path) -> None:
    (project / FOLDER / YAML).rename(project / FOLDER / "_usaec__metrics.yml")
    assert mistake(project) == f"_usaec__metrics.yml: its folder is that of usace: rename it {YAML}"


def test_definitions_without_sql_are_one_line(project: Path) -> None:
    (project / FOLDER / SQL).unlink()
    assert mistake(project) == f"{YAML}: {SQL} is missing: write it beside this file"


def test_a_metric_may_neither_fall_nor_jump_by_a_quarter_unless_it_says_so() -> None:
    assert project_variables()["change_limits"] == {"may_fall": False, "jump": 0.25, "least": 25}


@pytest.mark.parametrize("source", sorted(SOURCES.keys() & MAY_FALL.keys()))
def test_a_metric_that_goes_up_and_down_may_fall(source: str) -> None:
    computed = metric_definitions().get(source, ())
    limits = {metric.name: metric.limits for metric in computed if metric.limits}
    if SOURCES[source].metrics == "entered by staff":
        limits = hand_kept_limits()
    assert {name: limits.get(name) for name in MAY_FALL[source]} == {
        name: {"may_fall": True} for name in MAY_FALL[source]
    }


def test_a_wrong_limit_of_a_metric_that_staff_enter_is_one_line(project: Path) -> None:
    file = project / MARTS / "airtable" / "_airtable__metrics.yml"
    file.write_text(file.read_text().replace("in_process: {may_fall", "in_process: {may_fal"))
    with pytest.raises(DefinitionError, match="in_process has the unknown limit may_fal: use one"):
        hand_kept_limits(project)

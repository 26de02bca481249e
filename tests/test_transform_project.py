"""What the dbt project declares, read from its files."""

from pathlib import Path
from textwrap import dedent

import pytest

from include.sources import SOURCES
from include.transform_project import (
    MANIFEST,
    PROJECT,
    DefinitionError,
    MetricDefinition,
    dbt_environment,
    hand_kept_limits,
    metric_definitions,
    project_variables,
)

REPOSITORY = Path(__file__).parents[1]
FILE = "models/marts/metrics/usace/_usace__metrics.yml"
GOOD = """
  - name: other
  - name: usace_metrics
    config: {meta: {
      metrics: [
        {name: b2_x, unit_label: things, type: count, frequency: daily},
        {name: a, unit_label: more, type: share, frequency: weekly, limits: {jump: 1, least: 0.5}}],
      limits: {c: {may_fall: true}}}}
"""


def project(folder: Path, models: str, source: str = "usace") -> Path:
    """A project in which a source's mart declares these models."""
    mart = folder / "models/marts/metrics" / source
    mart.mkdir(parents=True)
    (mart / f"{source}_metrics.sql").write_text("select 1")
    (mart / f"_{source}__metrics.yml").write_text(models)
    return folder


def test_the_project_and_its_manifest_are_where_dbt_keeps_them() -> None:
    assert REPOSITORY / "include" / "transform" == PROJECT
    assert REPOSITORY / "include" / "transform" / "target" / "manifest.json" == MANIFEST


def test_the_projects_variables_are_those_of_its_file() -> None:
    assert project_variables() == {
        "update_frequencies": [
            "as needed",
            "daily",
            "weekly",
            "monthly",
            "completed",
            "content update",
        ],
        "change_limits": {"may_fall": False, "jump": 0.25, "least": 25},
    }


def test_dbt_is_told_the_sources_whose_metrics_are_computed() -> None:
    assert dbt_environment() == {"DDRC_COMPUTED_SOURCES": "epa malibu pasadena usace"}


def test_a_marts_metrics_and_limits_are_read_as_they_are_written(tmp_path: Path) -> None:
    made = project(tmp_path, f"models:{GOOD}")
    project(tmp_path, "models:\n  - name: epa_metrics\n", "epa")
    assert metric_definitions(made) == {
        "usace": (
            MetricDefinition("b2_x", "things", "count", "daily"),
            MetricDefinition("a", "more", "share", "weekly", {"jump": 1, "least": 0.5}),
        )
    }
    assert hand_kept_limits(made) == {"c": {"may_fall": True}}
    assert MetricDefinition("a", "b", "c", "d").limits == {}


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ("models: []", "there is no model usace_metrics: add it under models"),
        ("models:", "there is no model usace_metrics: add it under models"),
        ("[]", "there is no model usace_metrics: add it under models"),
        ("models: [x, {name: y}]", "there is no model usace_metrics: add it under models"),
        (
            "models: [{name: usace_metrics, config: no}]",
            "config is False: write `key: value` pairs",
        ),
        (
            "models: [{name: usace_metrics, config: {meta: [a]}}]",
            "config.meta is ['a']: write `key: value` pairs",
        ),
        (
            "models: [{name: usace_metrics, config: {meta: {metrics: {a: b}}}}]",
            "config.meta.metrics is not a list: write one `- name: …` a metric",
        ),
        (
            "models: [{name: usace_metrics, config: {meta: {metrics: [a]}}}]",
            "an entry of config.meta.metrics is 'a': write `key: value` pairs",
        ),
        (
            "models: [{name: usace_metrics, config: {meta: {metrics: [{name: 2a}]}}}]",
            "the metric's name '2a' is not valid: use lower-case letters, digits and underscores,"
            " for example phase2_roes_accepted",
        ),
        (
            "models: [{name: usace_metrics, config: {meta: {metrics: [{name: a, z: 1, b: 1}]}}}]",
            "a has an unknown b: it may have name, unit_label, type, frequency, limits",
        ),
        ("a: 1\nb: }", "line 2 is not YAML: expected the node content, but found '}'"),
    ],
)
def test_a_wrong_file_is_one_line_that_says_what_to_do(
    models: str, message: str, tmp_path: Path
) -> None:
    made = project(tmp_path, models)
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(made)
    assert str(raised.value) == f"{FILE}: {message}"


def test_a_file_in_a_wrong_place_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    made = project(tmp_path / "a", "models: []", "usaec")
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(made)
    other = FILE.replace("usace", "usaec")
    remedy = "declare it in include/sources/usaec.py"
    assert str(raised.value) == f"{other}: there is no source usaec: {remedy}"

    made = project(tmp_path / "b", f"models:{GOOD}")
    (made / FILE).rename((made / FILE).with_name("_epa__metrics.yml"))
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(made)
    assert str(raised.value).endswith(
        "usace/_epa__metrics.yml: its folder is that of usace: rename it _usace__metrics.yml"
    )

    made = project(tmp_path / "c", f"models:{GOOD}")
    (made / FILE).with_name("usace_metrics.sql").unlink()
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(made)
    assert str(raised.value) == f"{FILE}: usace_metrics.sql is missing: write it beside this file"


@pytest.mark.parametrize("key", ["unit_label", "type", "frequency"])
@pytest.mark.parametrize("value", ["'  '", "7", "null"])
def test_a_metric_needs_each_of_its_words(key: str, value: str, tmp_path: Path) -> None:
    words = {"name": "a", "unit_label": "x", "type": "count", "frequency": "daily", key: value}
    entry = ", ".join(f"{name}: {word}" for name, word in words.items())
    made = project(
        tmp_path, f"models: [{{name: usace_metrics, config: {{meta: {{metrics: [{{{entry}}}]}}}}}}]"
    )
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(made)
    assert str(raised.value) == f"{FILE}: a has no {key}: add a line `{key}: …` with a text"


def test_a_metric_needs_a_frequency_that_the_file_may_hold(tmp_path: Path) -> None:
    entry = "{name: a, unit_label: x, type: count, frequency: hourly}"
    made = project(
        tmp_path, f"models: [{{name: usace_metrics, config: {{meta: {{metrics: [{entry}]}}}}}}]"
    )
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(made)
    assert str(raised.value) == (
        f"{FILE}: a has the unknown frequency 'hourly': use one of as needed, daily, weekly,"
        " monthly, completed, content update"
    )


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("{a: 5}", "the limits of a is 5: write `key: value` pairs"),
        ("5", "meta.limits is 5: write `key: value` pairs"),
        ("{a: {fall: 1}}", "a has the unknown limit fall: use one of may_fall, jump, least"),
        ("{a: {may_fall: 0}}", "a has the limit may_fall: 0: write true or false"),
        ("{a: {jump: true}}", "a has the limit jump: True: write a number"),
        ("{a: {least: '5'}}", "a has the limit least: '5': write a number"),
    ],
)
def test_a_wrong_limit_is_one_line_that_says_what_to_do(
    limits: str, message: str, tmp_path: Path
) -> None:
    models = dedent(f"""
        models:
          - name: usace_metrics
            config: {{meta: {{limits: {limits}}}}}
    """)
    with pytest.raises(DefinitionError) as raised:
        hand_kept_limits(project(tmp_path, models))
    assert str(raised.value) == f"{FILE}: {message}"


def test_the_marts_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for source in reversed(SOURCES):
        entry = f"{{name: {source}, unit_label: x, type: count, frequency: daily}}"
        config = f"{{meta: {{metrics: [{entry}]}}}}"
        project(tmp_path, f"models: [{{name: {source}_metrics, config: {config}}}]", source)
    assert list(metric_definitions(tmp_path)) == list(SOURCES)


def test_two_definitions_of_a_metric_are_one_line_that_names_both(tmp_path: Path) -> None:
    metric = "{name: a, unit_label: x, type: count, frequency: daily}"
    for source in ("epa", "usace"):
        config = f"{{meta: {{metrics: [{metric}]}}}}"
        project(tmp_path, f"models: [{{name: {source}_metrics, config: {config}}}]", source)
    with pytest.raises(DefinitionError) as raised:
        metric_definitions(tmp_path)
    other = FILE.replace("usace", "epa")
    assert str(raised.value) == f"{FILE}: a is defined in {other} too: rename or delete one of them"

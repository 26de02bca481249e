"""The page of the analyses: it lists each with its picture, and its SQL is Snowflake's."""

import pytest
import yaml  # type: ignore[import-untyped]
from sqlfluff.core import FluffConfig, Linter

from include.dashboard.analyses.__main__ import analyses
from include.transform_project import PROJECT
from local.home import REPOSITORY
from local.screenshots import code_block

PAGE = REPOSITORY / "docs" / "analysis.md"


@pytest.mark.parametrize("name", list(analyses()))
def test_the_page_lists_each_analysis_with_its_picture(name: str) -> None:
    page = PAGE.read_text()

    assert f"make analysis NAME={name}" in page
    picture = f"images/analyses/{name}.png"
    assert f"]({picture})" in page
    assert (PAGE.parent / picture).exists()


def test_the_page_lists_each_mart_for_analysts() -> None:
    page = PAGE.read_text()
    models = [
        model
        for folder in ("parcels", "permits")
        for file in (PROJECT / "models" / "marts" / folder).glob("*/*.yml")
        for model in yaml.safe_load(file.read_text())["models"]
    ]

    assert len(models) == 5
    for model in models:
        assert f"`{model['config']['schema'].upper()}.{model['name'].upper()}`" in page


def test_the_cast_to_geography_is_snowflakes_sql() -> None:
    linter = Linter(config=FluffConfig(overrides={"dialect": "snowflake"}))

    parsed = linter.parse_string(code_block("analysis.md", "sql"))

    assert parsed.violations == []
    assert parsed.tree is not None
    assert "unparsable" not in parsed.tree.type_set()

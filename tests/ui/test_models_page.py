"""The page *Data models*: dbt's page, changed so that everybody can use it."""

import json
import re

import pytest

from include.transform_project import MANIFEST
from include.ui import models
from include.ui.models import CHANGES, POLICY, dbt_page


@pytest.mark.parametrize("text", CHANGES)
def test_the_installed_dbt_has_each_text_that_is_replaced(text: str) -> None:
    assert text in dbt_page()


def test_the_page_makes_no_functions_from_texts_and_loads_nothing() -> None:
    page = models.render_models_page() or ""
    assert "unsafe-eval" not in POLICY
    assert "http" not in POLICY.replace("'none'", "")
    assert f'content="{POLICY}"' in page
    assert 'ng-csp="no-unsafe-eval"' in page


def test_everybody_may_zoom() -> None:
    page = models.render_models_page() or ""
    assert "maximum-scale" not in page.partition("</title>")[0]


def test_the_overview_names_models_and_folders_of_the_project() -> None:
    manifest = json.loads(MANIFEST.read_bytes())
    overview = manifest["docs"]["doc.ddrc.__overview__"]["block_contents"]
    linked = re.findall(r"#!/model/([\w.]+)", overview)
    folders = {tuple(re.findall(r"\*(\w+)\*", row)) for row in overview.splitlines()[2:]}
    assert linked
    assert set(linked) <= manifest["nodes"].keys()
    known = {tuple(node["fqn"][1:-1]) for node in manifest["nodes"].values()}
    for _, *folder in filter(lambda each: each[:1] == ("models",), folders):
        assert any(each[: len(folder)] == tuple(folder) for each in known), folder

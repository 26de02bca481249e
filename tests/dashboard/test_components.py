"""Labels and downloads: a source's or the public's text is neither markup nor a formula."""

import pandas as pd
import pytest

from include.dashboard.components import as_csv, escape_markdown, label


def test_text_is_never_a_formula_in_a_spreadsheet() -> None:
    pages = ['=HYPERLINK("http://x.example")', "@SUM(1)", "/en/apply"]
    rows = pd.DataFrame({"page": pages, "n": [-1, 2, 3]})

    lines = as_csv(rows).decode().splitlines()

    assert lines == [
        "page,n",
        '"\'=HYPERLINK(""http://x.example"")",-1',
        "'@SUM(1),2",
        "/en/apply,3",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("phase2_parcels_completed", "Phase 2 parcels completed"),
        ("la_city_in_review", "LA city in review"),
        ("people_helped_fema_funds", "People helped FEMA funds"),
    ],
)
def test_a_metric_has_a_readable_label(name: str, expected: str) -> None:
    assert label(name) == expected


def test_a_sources_text_is_not_markdown() -> None:
    escaped = escape_markdown("![x](http://example.org) **b** <i> :red[y] $z$")

    assert escaped == r"\!\[x\]\(http\:\/\/example\.org\) \*\*b\*\* \<i\> \:red\[y\] \$z\$"

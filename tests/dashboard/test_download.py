"""What people download is data, also where the public has written it."""

import pandas as pd

from include.dashboard.components import as_csv


def test_no_text_of_the_publics_is_a_formula_in_a_spreadsheet() -> None:
    pages = ['=HYPERLINK("http://x.example")', "@SUM(1)", "/en/apply"]
    rows = pd.DataFrame({"page": pages, "n": [-1, 2, 3]})

    lines = as_csv(rows).decode().splitlines()

    assert lines == [
        "page,n",
        '"\'=HYPERLINK(""http://x.example"")",-1',
        "'@SUM(1),2",
        "/en/apply,3",
    ]

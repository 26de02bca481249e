"""The table of what grows: what one run adds, and what that is after a year."""

from bench.growth import Growth, each


def test_what_several_runs_have_added_is_divided_by_their_number() -> None:
    assert each({"rows": 10, "files": 4}, {"rows": 16, "files": 4}, 3) == {"rows": 2, "files": 0}


def test_a_year_has_a_refresh_each_hour_and_a_watch_each_quarter() -> None:
    growth = Growth({"`xcom`": 100, "logs, MB": 0.125}, {"`xcom`": 2, "logs, MB": 0})

    # 100 * 8,760 + 2 * 35,040; 0.125 * 8,760.
    assert growth.table()[2:] == [
        "| `xcom` | 100.00 | 2.00 | 946,080 |",
        "| logs, MB | 0.12 | 0.00 | 1,095 |",
    ]

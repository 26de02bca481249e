"""A mistake in a count by hand is one line that names the file and the metric."""

from pathlib import Path

import pytest

from include.sources.epa import EPA
from tests import small_data
from tests.small_data import Counted, CountError, HandCount, counted, expected_metrics

FILE = "tests/data/small/expected/epa.yml"
FORM = "write {value: 7, rows: [1, 2]}"


def write(small: Path, text: str) -> None:
    (small / "expected").mkdir()
    (small / "expected" / "epa.yml").write_text(text, encoding="utf-8")


def test_a_count_names_its_rows_or_has_a_value_alone(tmp_path: Path) -> None:
    write(tmp_path, "metrics:\n  a: {value: 2, rows: [7, B-8]}\n  b: {value: 0.5}\n")

    found = counted(EPA.name, tmp_path).metrics

    assert {name: (one.value, one.rows) for name, one in found.items()} == {
        "a": (2, (7, "B-8")),
        "b": (0.5, None),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("metrics:\n  a: 7\n", f"{FILE}: a is '7': {FORM}", id="no value"),
        pytest.param(
            "metrics:\n  a: {rows: [1]}\n",
            f"{FILE}: a is {{'rows': ['1']}}: {FORM}",
            id="only rows",
        ),
        pytest.param(
            "metrics:\n  a: {value: many}\n",
            f"{FILE}: a is {{'value': 'many'}}: {FORM}",
            id="not a number",
        ),
        pytest.param(
            "metrics:\n  a: {value: 1, rows: 1}\n",
            f"{FILE}: a is {{'value': '1', 'rows': '1'}}: {FORM}",
            id="rows without brackets",
        ),
        pytest.param(
            "a\n",
            f"{FILE} has no metrics: write `metrics:` and one line a metric",
            id="no metrics",
        ),
        pytest.param(
            "metrics:\n  a: {value: 1\n  b: 2}\n",
            f"{FILE}: line 3 is not YAML: expected ',' or '}}', but got ':'",
            id="not YAML",
        ),
    ],
)
def test_a_mistake_is_one_line(text: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, text)

    with pytest.raises(CountError) as failure:
        counted(EPA.name, tmp_path)

    assert str(failure.value) == message


def test_a_file_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CountError, match=f"^{FILE} is missing: count the metrics of epa by hand$"):
        counted(EPA.name, tmp_path)


def test_a_metric_that_nobody_counted_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_counts(source: str) -> Counted:
        whole = counted(source)
        none: dict[str, HandCount] = {}
        return Counted(whole.file, None, whole.key, none) if source == EPA.name else whole

    monkeypatch.setattr(small_data, "counted", without_counts)

    with pytest.raises(CountError, match=f"^{FILE} has no count of cleanup_phase1_complete"):
        expected_metrics()

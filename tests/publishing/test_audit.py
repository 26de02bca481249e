"""The audit: suspicious differences from the served version, by limit, and invalid candidates."""

import pytest

from include.publishing.audit import Verdict, check_candidate
from include.publishing.change_limits import Limit, Limits, declared_limits, read_limits
from include.publishing.contract import ContractError, parse
from include.publishing.differences import as_markdown, compare_metrics
from include.transform_project import MetricDefinition
from tests.publishing.samples import NOW, file, metric

LIMITS = Limits(Limit(), {"queue": Limit(may_fall=True)}, frozenset({"counted"}))
MONEY = {"METRIC_TYPE": "dollars"}
EARLIER = {"LAST_UPDATED": "2026-11-24T11:00:00.000Z"}


def check(before: bytes | None, after: bytes) -> Verdict:
    return check_candidate(after, before, LIMITS, NOW)


def suspicious(before: bytes, after: bytes) -> list[str]:
    return [str(one) for one in check(before, after).suspicious]


def test_the_first_file_is_valid() -> None:
    verdict = check(None, file(metric("a", 1), metric("b", 2)))
    assert (verdict.metrics, verdict.suspicious) == (2, ())


def test_a_change_within_limits_is_valid_and_reported() -> None:
    verdict = check(file(metric("a", 1_000)), file(metric("a", 1_250), metric("counted", 5)))
    assert verdict.suspicious == ()
    assert [str(one) for one in verdict.differences] == ["a: 1,000 → 1,250", "counted: none → 5"]


def test_the_same_file_has_no_difference() -> None:
    assert check(file(), file()).differences == ()


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ([metric("a"), metric("b")], [metric("a")], "b: 8 → none (vanished)"),
        ([metric("a", 10)], [metric("a", 9)], "a: 10 → 9 (fell, and should not)"),
        ([metric("a", 1_000)], [metric("a", 1_251)], "a: 1,000 → 1,251 (changed by more than 25%)"),
        ([metric("a", 0)], [metric("a", 26)], "a: 0 → 26 (changed by more than 25%)"),
        (
            [metric("queue", 1_000)],
            [metric("queue", 749)],
            "queue: 1,000 → 749 (changed by more than 25%)",
        ),
        (
            [metric("a"), metric("b")],
            [metric("a", **EARLIER), metric("b")],
            "a: 8 → 8 (its time went back from Tue Nov 24, 4:00 AM PST to Tue Nov 24, 3:00 AM PST)",
        ),
        (
            [metric("a")],
            [metric("a", METRIC_UNIT_LABEL="pupils")],
            "a: 8 → 8 (was count of schools resumed, is count of pupils)",
        ),
        (
            [metric("a")],
            [metric("a", 9, UPDATE_FREQUENCY="weekly")],
            "a: 8 → 9 (was updated daily, is updated weekly)",
        ),
        ([metric("queue", 3)], [metric("queue", 0)], "queue: 3 → 0 (fell to 0)"),
        ([metric("a", 3)], [metric("a", 0)], "a: 3 → 0 (fell, and should not; fell to 0)"),
        (
            [metric("queue", 0, **MONEY)],
            [metric("queue", -0.5, **MONEY)],
            "queue: 0 → -0.50 (became negative)",
        ),
        ([metric("a")], [metric("a"), metric("b")], "b: none → 8 (new)"),
    ],
)
def test_a_change_beyond_limits_is_suspicious_with_its_reason(
    before: list[object], after: list[object], difference: str
) -> None:
    assert suspicious(file(*before), file(*after)) == [difference]


def test_what_staff_entered_is_new_once_when_it_is_first_published() -> None:
    entered = [metric("a", 1), metric("b", 2)]
    assert suspicious(file(metric("counted")), file(metric("counted"), *entered)) == []


def test_a_value_that_was_negative_or_0_before_may_remain_so() -> None:
    before = file(metric("queue", -1, **MONEY), metric("a", 0))
    assert suspicious(before, file(metric("queue", -2, **MONEY), metric("a", 0))) == []


def test_a_small_value_may_change_by_a_few_units_and_a_queue_may_fall() -> None:
    before = file(metric("a", 1), metric("queue", 100))
    assert suspicious(before, file(metric("a", 26), metric("queue", 80))) == []


def test_a_file_that_is_older_than_the_served_one_is_invalid() -> None:
    with pytest.raises(ContractError, match="older than the served"):
        check(file(), file(metric(**EARLIER)))


def test_a_valid_candidate_may_replace_a_broken_served_file() -> None:
    assert check(b"<html>", file()).suspicious == ()


def test_the_table_for_a_reviewer_has_the_suspicious_differences_first() -> None:
    verdict = check(file(metric("a", 1), metric("b", 9)), file(metric("a", 2), metric("b", 7)))
    assert as_markdown(verdict.differences).splitlines()[2:] == [
        "| `b` | 9 | 7 | fell, and should not |",
        "| `a` | 1 | 2 |  |",
    ]


def test_two_versions_are_compared_with_the_suspicious_differences_first() -> None:
    served = parse(file(metric("a", 9), metric("b", 9), metric("c", 9)), NOW)
    other = parse(file(metric("a", 10), metric("b", 8), metric("c", 8), metric("d", 1)), NOW)
    found = compare_metrics(served, other, LIMITS)
    assert [(one.metric, one.reason) for one in found] == [
        ("b", "fell, and should not"),
        ("c", "fell, and should not"),
        ("d", "new"),
        ("a", ""),
    ]


def test_limits_are_declared_beside_the_metrics() -> None:
    limits = declared_limits()
    assert limits.of("phase2_parcels_in_queue").may_fall
    assert not limits.of("phase2_parcels_completed").may_fall
    assert limits.of("la_city_in_review").may_fall
    assert limits.of("never_heard_of") == limits.default
    assert "phase2_parcels_completed" in limits.computed
    assert "la_city_in_review" not in limits.computed


def test_a_limit_with_a_misspelt_name_is_refused() -> None:
    with pytest.raises(TypeError, match="may_fal"):
        read_limits({"may_fal": True}, [], {})


def test_a_metrics_own_limits_take_the_place_of_the_default() -> None:
    computed = [MetricDefinition("a", "things", "count", "daily", {"may_fall": True})]
    limits = read_limits({"may_fall": False, "jump": 0.5}, computed, {"b": {"jump": 0.1}})
    assert limits.of("a") == Limit(may_fall=True, jump=0.5)
    assert limits.of("b") == Limit(may_fall=False, jump=0.1)
    assert limits.of("c") == Limit(may_fall=False, jump=0.5)
    assert limits.computed == {"a"}

"""The page Publication beside an earlier system: the hold, and both files side by side."""

import pytest

from include.publishing.earlier import EARLIER_URL
from include.publishing.holds import Hold, current_hold, release_hold, set_hold
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release
from tests.ui.conftest import Page
from tests.ui.page_text import answers_of, rows_of

EARLIER = Place(PUBLIC_CONTAINER, "earlier.json")
HOSTILE = "<script>alert(1)</script>"
OLD = {"LAST_UPDATED": "2026-11-01T15:00:00Z"}


@pytest.fixture
def beside(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """An account beside an earlier system: one metric differs, one is only there, one only here."""
    monkeypatch.setenv(EARLIER_URL, store.public_url(EARLIER))
    there = metric("a", 1, METRIC_UNIT_LABEL="TK"), metric("gone", 7), metric("same", 5)
    store.unload(EARLIER, file(*there))
    release(store, file(metric("a", 2, **OLD), metric("new", 3), metric("same", 5)))
    return store


def rows(shown: str) -> dict[str, str]:
    """The rows of the table by metric."""
    return rows_of(shown, 'id="both"')


def test_without_an_earlier_system_the_page_has_no_such_section(
    page: Page, store: MemoryStore
) -> None:
    shown = page("publication")
    assert "Side by side" not in shown
    assert "Held until" not in shown


def test_until_the_switch_the_page_says_that_publishing_is_held_and_by_what(
    page: Page, beside: MemoryStore
) -> None:
    shown = page("publication")
    url = beside.public_url(EARLIER)
    counts = "4 metrics: 1 differs, 1 only in the earlier file, 1 only here, 1 same"
    [(level, answer)] = answers_of(shown)
    assert level == "warn"
    assert f"Held until the switch The page still reads {url}." in answer
    assert "To publish, release the hold." in answer
    assert shown.count(counts) == 2, "beside the hold, and above the table"
    assert "/run/release_hold" in shown
    assert f'href="{url}"' in shown
    assert "what this pipeline would publish" in shown
    assert "Released and not public" not in shown, "the comparison is with the other file"
    assert "card bad" not in shown


def test_a_signature_in_the_address_is_not_shown(
    page: Page, beside: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EARLIER_URL, f"{beside.public_url(EARLIER)}?sig=secret")
    assert "secret" not in page("publication")


def test_each_metric_has_both_values_both_times_and_the_words_that_differ(
    page: Page, beside: MemoryStore
) -> None:
    found = rows(page("publication"))
    assert list(found) == ["a", "gone", "new", "same"]
    for text in (">1<", ">2<", "Nov 24, 4:00 AM", "Nov 1, 7:00 AM", "TK", "schools resumed"):
        assert text in found["a"]
    assert "differs: value, time, unit" in found["a"]
    assert "daily" not in found["a"], "the frequency is the same"
    assert "only in the earlier file" in found["gone"]
    assert ">none<" in found["gone"]
    assert "only here" in found["new"]
    assert '<td class="dim">same' in found["same"]
    assert "schools resumed" not in found["same"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "The earlier file is missing: its address answers 404."),
        (HOSTILE.encode(), "it is &lt;script&gt;alert(1)&lt;/script&gt;."),
        (b"[]", "The earlier file has no metrics."),
    ],
)
def test_an_earlier_file_that_cannot_be_read_is_one_sentence(
    content: bytes | None, said: str, page: Page, beside: MemoryStore
) -> None:
    beside.delete(EARLIER)
    if content is not None:
        beside.unload(EARLIER, content)
    shown = page("publication")
    assert said in shown
    assert HOSTILE not in shown
    assert "There is nothing to compare" in shown
    assert 'id="both"' not in shown


def test_what_the_earlier_file_says_is_escaped_and_its_faults_are_listed(
    page: Page, beside: MemoryStore
) -> None:
    hostile = dict.fromkeys(metric(), HOSTILE)
    beside.unload(EARLIER, file(hostile, {"METRIC_NAME": "\ud800"}, metric("a", "1")))
    shown = page("publication")
    assert HOSTILE not in shown
    assert "The earlier file breaks the contract in" in shown
    assert "a.METRIC_VALUE: Input should be a valid number." in shown
    assert "&#34;1&#34;" in rows(shown)["a"]


def test_a_setting_that_is_no_address_is_no_link(
    page: Page, beside: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EARLIER_URL, "javascript:alert(1)")
    shown = page("publication")
    assert "is not the address of a website" in shown
    assert 'href="javascript' not in shown


def test_after_the_switch_the_comparison_goes_on_with_the_public_file(
    page: Page, beside: MemoryStore
) -> None:
    hold = current_hold(beside)
    assert hold is not None
    release_hold(beside, hold, NOW)
    publish(beside, file(metric("same", 5)))
    beside.delete(EARLIER)
    shown = page("publication")
    assert "Held until" not in shown
    assert "this pipeline's public file" in shown
    assert "Released and not public" in shown
    # Nobody sees the earlier file any more.
    assert '<p class="card warn">The earlier file is missing' in shown
    beside.delete(PUBLISHED)
    level, answer = answers_of(page("publication"))[0]
    assert (level, "The public file is missing" in answer) == ("bad", True)


def test_on_the_way_back_the_page_says_who_holds(page: Page, beside: MemoryStore) -> None:
    publish(beside, file(metric("same", 5)), "v1")
    held = Hold("v1", "Ada", HOSTILE, NOW, "run", is_until_switch=True)
    set_hold(beside, held)
    shown = page("publication")
    [(level, answer)] = answers_of(shown)
    assert "Held until the switch By Ada since Tue Nov 24, 7:00 AM PST" in answer
    assert HOSTILE not in shown
    assert "what this pipeline would publish" in shown
    assert level == "warn"

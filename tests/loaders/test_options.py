"""Where a source is reached, how it is read, and what the package offers."""

import pytest

from include import loaders
from include.loaders import LoadOptions, Origin
from include.loaders.options import no_columns, no_progress
from include.times import utc_now


@pytest.mark.parametrize(
    ("base", "address"),
    [
        (None, "https://a.gov/x/0?y=1"),
        ("http://localhost:80", "http://localhost:80/x/0?y=1"),
        ("http://localhost/ignored?z=2", "http://localhost/x/0?y=1"),
    ],
)
def test_an_origin_replaces_the_host_and_keeps_the_path(base: str | None, address: str) -> None:
    assert Origin(base_url=base).address("https://a.gov/x/0?y=1") == address


def test_an_origin_shows_everything_but_its_token() -> None:
    origin = Origin("http://x", "x.pem", "s3cret")
    assert repr(origin) == "Origin(base_url='http://x', ca_bundle='x.pem')"


def test_production_reads_with_these_options() -> None:
    options = LoadOptions()
    assert {name: getattr(options, name) for name in LoadOptions.__dataclass_fields__} == {
        "concurrency": 4,
        "page_size": None,
        "where": "1=1",
        "timeout_seconds": 60.0,
        "request_seconds": 180.0,
        "retry_seconds": 300.0,
        "accept_drop": None,
        "known_hash": None,
        "now": utc_now,
        "monotonic": options.monotonic,
        "sleep": None,
        "progress": no_progress,
        "columns": no_columns,
    }
    assert (Origin().base_url, Origin().ca_bundle, Origin().token) == (None, None, None)


def test_the_package_offers_what_it_lists_and_nothing_else() -> None:
    for name in loaders.__all__:
        assert getattr(loaders, name).__name__ == name
    with pytest.raises(AttributeError) as failure:
        _ = loaders.elsewhere
    assert str(failure.value) == "module 'include.loaders' has no attribute 'elsewhere'"

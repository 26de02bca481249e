"""Each task sends what it read and what it wrote: together they lead to the public file."""

from dataclasses import asdict
from hashlib import sha256
from importlib import import_module
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include import loaders
from include.pipeline.audit import audit_candidate
from include.pipeline.lineage import Address, Table
from include.pipeline.load import load_layer
from include.pipeline.promote import promote_audited, promote_candidate, record_published
from include.pipeline.release import release_source
from include.publishing.history import PUBLISHED_METRICS
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, candidate_file
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version
from include.sources import SOURCES
from tests.pipeline.running import RUN, call, context_of
from tests.pipeline.test_load import report
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release

SUMMARIES = Place(CANDIDATES_CONTAINER, "ddrc_metrics")


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the tasks of each module sent: the module, what was read and what was written."""
    found: list[Any] = []
    for name in ("audit", "load", "promote", "release"):
        module = import_module(f"include.pipeline.{name}")

        def emit(*, reads: Any = (), writes: Any = (), name: str = name) -> None:
            found.append((name, list(reads), list(writes)))

        monkeypatch.setattr(module, "emit_lineage", emit)
    return found


def test_a_load_leads_from_the_sources_address_to_its_raw_table(
    emitted: list[Any], store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    usace, done = SOURCES["usace"], report()
    monkeypatch.setattr(loaders, "load_table", lambda part, **options: done, raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_SOURCE_USACE", '{"conn_type": "http"}')
    call(load_layer(usace), context_of("usace"))
    assert emitted == [("load", [Address(usace.layers[0].url)], [Table("A.B.C")])]


def test_a_load_that_wrote_nothing_has_no_lineage(
    emitted: list[Any], store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = report(outcome="unchanged")
    monkeypatch.setattr(loaders, "load_table", lambda part, **options: same, raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_SOURCE_USACE", '{"conn_type": "http"}')
    with pytest.raises(DownstreamTasksSkipped):
        call(load_layer(SOURCES["usace"]), context_of("usace", after=("transform",)))
    assert emitted == []


def test_a_release_leads_from_the_sources_candidates_to_its_file(
    emitted: list[Any], store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.pipeline.release.utc_now", lambda: NOW)
    store.unload(Place(CANDIDATES_CONTAINER, candidate_file("epa_metrics", RUN)), file())
    call(release_source(SOURCES["epa"]), context_of("epa", "release"))
    candidates = Place(CANDIDATES_CONTAINER, "epa_metrics")
    released = Place(PUBLIC_CONTAINER, "sources/epa.json")
    assert emitted == [("release", [candidates], [released])]


def test_an_audit_reads_the_candidates_and_the_public_file(
    emitted: list[Any], store: MemoryStore
) -> None:
    store.unload(Place(CANDIDATES_CONTAINER, candidate_file("ddrc_metrics", RUN)), file())
    call(audit_candidate("ddrc_metrics"), context_of("publish_metrics", "audit"))
    assert emitted == [("audit", [SUMMARIES, PUBLISHED], [])]


def test_a_promotion_leads_to_the_public_file_and_its_record_to_the_warehouse(
    emitted: list[Any], store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.pipeline.promote.write_published_metrics", lambda *given: None)
    place = Place(CANDIDATES_CONTAINER, "ddrc_metrics/run.json")
    publish(store, file())
    content = file(metric("a", 9))
    store.unload(place, content)
    release(store, content)
    version = Version("v2", sha256(content).hexdigest(), "run", "valid")
    promote_audited(store, AuditedCandidate(place.path, version, store.need(PUBLISHED).etag, ()))
    with DAG("publish_metrics"):
        record = record_published(promote_candidate())
    call(record, context_of("publish_metrics", "record"), asdict(version))
    assert emitted == [
        ("promote", [SUMMARIES], [PUBLISHED]),
        ("promote", [PUBLISHED], [Table(PUBLISHED_METRICS.full_name)]),
    ]

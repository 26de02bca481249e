"""A source's own file: it replaces the last one only if it keeps the same contract."""

from datetime import datetime

from include.publishing.contract import Metric, parse
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import Place, Store


def replace_source_file(store: Store, candidate: Place, source: str, now: datetime) -> list[Metric]:
    """Serve a source's newly unloaded metrics.

    Returns:
        The metrics.

    Raises:
        ContractError: They break the contract; the last file stays.
        ChangedMeanwhileError: Another run replaced the file at the same time.
        MissingFileError: Nothing was unloaded.
    """
    metrics = parse(store.need(candidate).content, now)
    target = Place(PUBLIC_CONTAINER, source_file(source))
    last = store.read(target)
    store.serve_as_json(candidate)
    store.copy(candidate, target, {}, replacing=last.etag if last else None)
    return metrics

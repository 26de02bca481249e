"""Checks of the storage account and of what anyone can read: the file, CORS, the heartbeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from include.publishing.heartbeat import HEARTBEAT
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from include.publishing.page_file import check_page_file
from include.publishing.public_file import MISSING, UNREACHABLE, check_address
from include.publishing.store import Place, Store
from include.times import california_time, utc_now
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, expect
from tools.outside_watch.checks import heartbeat_problem
from tools.preflight.deployment import Deployment

# Files of a check; each is deleted at once. Nothing else has this folder.
FOLDER = "preflight"


def storage(deployment: Deployment, _: str) -> str:
    """`storage`: files can be written, copied, read and deleted in each container."""
    with _probe(deployment.store, VERSIONS_CONTAINER) as place:
        expect(
            deployment.store.read(place) is not None,
            f"A file that was copied to {place.container} cannot be read.",
        )
    containers = (CANDIDATES_CONTAINER, VERSIONS_CONTAINER)
    return f"{deployment.store.account}: {' and '.join(containers)} can be written and read."


def public_address(deployment: Deployment, _: str) -> str:
    """`public address`: a file in the public container is read as a browser reads it, with CORS."""
    store = deployment.store
    with _probe(store, PUBLIC_CONTAINER) as place:
        url = store.public_url(place)
        faults = check_address(url, utc_now()).faults
    # The file of the check has no metrics, and so breaks the contract.
    wrong = [
        one.text
        for one in faults
        if one.key in (MISSING, UNREACHABLE) or one.key.startswith("header")
    ]
    said = " ".join(wrong).replace("The public file", "A file in the public container")
    expect(not wrong, said)
    return f"{url.rpartition(f'/{FOLDER}/')[0]} is public, as JSON and with CORS."


def public_file(deployment: Deployment, _: str) -> str:
    """`public file`: the file that the page reads is the version that was promoted last."""
    found = check_page_file(deployment.store, utc_now())
    if found.faults:
        raise CheckFailedError(" ".join(one.text for one in found.faults))
    if found.earlier:
        return f"The page reads the earlier system's file until the switch: {found.earlier}."
    if found.not_yet:
        raise NotPermittedError("Nothing has been published yet.")
    late = f" {len(found.late)} of them are late." if found.late else ""
    promoted = f", promoted {california_time(found.promoted_at)}" if found.promoted_at else ""
    return f"{len(found.metrics)} metrics{promoted}.{late}"


def heartbeat(deployment: Deployment, _: str) -> str:
    """`heartbeat`: the watch has completed a check in the last 45 minutes."""
    problem = heartbeat_problem(deployment.store.public_url(HEARTBEAT), utc_now())
    expect(not problem, problem)
    return "The watch has completed a check lately."


@contextmanager
def _probe(store: Store, container: str) -> Iterator[Place]:
    """A file that was written as a candidate and copied to a container, as a promotion does."""
    path = f"{FOLDER}/{token_hex(8)}.json"
    candidate, target = Place(CANDIDATES_CONTAINER, path), Place(container, path)
    try:
        store.replace(candidate, b"[]", replacing=None)
        store.serve_as_json(candidate)
        etag = store.need(candidate).etag
        store.copy(candidate, target, {}, copying=etag, replacing=None)
        yield target
    finally:
        store.delete(candidate)
        store.delete(target)

"""The file that the page reads: this pipeline's, or until the switch an earlier system's."""

from dataclasses import replace
from datetime import datetime

from include.publishing.earlier import EarlierFile, earlier_url, read_earlier
from include.publishing.holds import current_hold
from include.publishing.public_file import MISSING, Fault, PublicFile, check_public_file
from include.publishing.store import Store

EARLIER = "earlier file"


def check_page_file(store: Store, now: datetime) -> PublicFile:
    """Check the file that the page reads.

    Args:
        store: The storage account.
        now: The current time, in UTC.

    Raises:
        AzureError: The storage account does not answer.
    """
    own, hold, url = check_public_file(store, now), current_hold(store), earlier_url()
    if not url or hold is None or not hold.is_until_switch:
        return own
    return until_switch(own, read_earlier(url, now))


def until_switch(own: PublicFile, earlier: EarlierFile) -> PublicFile:
    """The state of the public file while the page reads the earlier system's.

    The public does not see this pipeline's file, so it may be missing or late, and no fault of it
    is urgent. Without the earlier file the public sees no numbers. That is reported, because this
    watch may be the only one. A row that breaks the contract is not: the page has long shown the
    file as it is, and the page Publication lists such rows.

    Args:
        own: The state of this pipeline's public file.
        earlier: The earlier system's file.
    """
    gone = f"{earlier.fault.rstrip('.')}; the page reads it until the switch."
    faults = (Fault(EARLIER, gone),) if earlier.fault else ()
    hidden = (one._replace(is_wrong=False) for one in own.faults if one.key != MISSING)
    return replace(own, faults=(*faults, *hidden), late={}, earlier=earlier.address)

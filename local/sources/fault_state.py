"""The state of a fault: the server's memory of a source for as long as the source has the fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

_NO_PAGES = ("returncountonly", "returnidsonly", "outstatistics")


@dataclass
class FaultState:
    """One source's fault, and what the server remembers because of it.

    Attributes:
        fault: The fault; `None` if the source has none.
        cached: The responses by address, with the fault `stale-cache`.
    """

    fault: str | None = None
    cached: dict[str, Response] = field(default_factory=dict)
    _has_first_page: bool = False
    _has_moved: bool = False

    def fault_of_data(self, texts: Mapping[str, str]) -> str | None:
        """The fault that the layer's data have for a query.

        With `rows-move`, the rows move once: after a first page, before the next page by offset.

        Args:
            texts: The query's parameters by their name in lower case.
        """
        if self.fault != "rows-move":
            return self.fault
        if not any(texts.get(name) for name in _NO_PAGES):
            is_first = texts.get("resultoffset", "0") in ("", "0")
            self._has_moved |= self._has_first_page and not is_first
            self._has_first_page |= is_first
        return self.fault if self._has_moved else None

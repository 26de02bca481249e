"""What a person should know about a load that went through."""

from collections import Counter
from threading import Lock


class Notes:
    """Counts what pages report, from several threads; one sentence comes of each kind."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, sentence: str, count: int = 1) -> None:
        """Count `count` rows for a sentence with a `{count}` in it, or keep one without."""
        if count:
            with self._lock:
                self._counts[sentence] += count

    def clear(self) -> None:
        """Forget everything: the reading begins anew."""
        with self._lock:
            self._counts.clear()

    def sentences(self) -> tuple[str, ...]:
        """The sentences, in the order of the alphabet."""
        with self._lock:
            return tuple(
                sorted(
                    sentence.replace("{count}", f"{count:,}")
                    for sentence, count in self._counts.items()
                )
            )

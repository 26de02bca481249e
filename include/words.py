"""The words for states, once: the pages, Slack, the dashboard and the runbooks use the same ones.

`docs/runbooks/README.md` explains each of them; `tests/test_words.py` compares both.
"""

from types import MappingProxyType

# The colors of a state, which are the classes of the pages' style.
GOOD, BAD, WARN, DIM = "good", "bad", "warn", "dim"

# The state of a source's last run, by Airflow's word, with its color.
LAST_RUN = MappingProxyType(
    {
        "success": ("complete", GOOD),
        "failed": ("failed", BAD),
        "running": ("running", DIM),
        "queued": ("waiting to run", DIM),
        "": ("no run yet", DIM),
    }
)

# The state of the public file, with the meaning of each word.
PUBLIC_FILE = MappingProxyType(
    {
        "right": "the public file is what was promoted and has everything that is released",
        "behind": "something newer is released and not public yet",
        "held": "a person holds publishing until they release the hold",
        "waiting": "a suspicious change waits for a person's decision",
        "wrong": "the public file is missing, altered or invalid",
        "late": "a metric is older than its frequency allows",
        "unknown": "the storage account or the public address does not answer",
    }
)

# The severity of an incident.
SEVERITY = MappingProxyType(
    {
        "high": "the public sees something wrong, or late values in business hours: act now",
        "low": "the public sees the last good values: it waits for business hours",
    }
)


def last_run(state: str) -> tuple[str, str]:
    """The word and the color for the state of a source's last run.

    Args:
        state: Airflow's word; empty without a run.
    """
    return LAST_RUN.get(state, (state.replace("_", " "), DIM))

"""The words of the public metrics, for people: topics and labels, derived from their names.

The published file has a metric's machine name and its unit; a title is not part of its contract.
The pages in Airflow's UI and the dashboard use the same words.
"""

from typing import Final

# The topics of metrics, by the beginnings of their names, in the order in which they are shown.
TOPICS: Final = {
    "Debris removal": ("cleanup_", "phase2_"),
    "Rebuilding": ("malibu_", "pasadena_", "la_city_", "county_"),
    "People and schools": ("people_", "schools_"),
    "Water and air": ("water_", "air_"),
}
OTHER: Final = "Other"

_SPELLINGS: Final = {
    "phase1": "phase 1",
    "phase2": "phase 2",
    "fema": "FEMA",
    "drc": "DRC",
    "roe": "ROE",
    "roes": "ROEs",
    "la": "LA",
    "inperson": "in person",
    "optin": "opted in",
    "optout": "opted out",
}


def topic(metric: str) -> str:
    """The topic of a metric by its name; `Other` if no topic matches."""
    return next((name for name, starts in TOPICS.items() if metric.startswith(starts)), OTHER)


def label(metric: str) -> str:
    """The label of a metric: `phase2_parcels_completed` is `Phase 2 parcels completed`."""
    text = " ".join(_SPELLINGS.get(word, word) for word in metric.split("_") if word)
    text = text[:1].upper() + text[1:] if text else metric
    return f"LA {text}" if text.startswith("County ") else text

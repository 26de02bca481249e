"""Names of the published files and of the private ones beside them.

The public container and its files are part of the published contract: other systems read them.
"""

PUBLIC_CONTAINER = "dashboard-data"
PUBLISHED_FILE = "ddrc-metrics.json"

# Private: the warehouse's unloads before their audit; every version that was public, and what is
# remembered about them.
CANDIDATES_CONTAINER = "candidates"
VERSIONS_CONTAINER = "versions"
PROMOTIONS = "promotions/"

# A time in a name, in UTC; such names sort by time.
NAME_TIME = "%Y%m%dT%H%M%SZ"


def source_file(source: str) -> str:
    """The path of a source's release in the public container."""
    return f"sources/{source}.json"


def candidate_file(model: str, run_id: str) -> str:
    """The path of a run's candidate in the candidates' container.

    Airflow's run ids consist of letters, digits and `_.~:+-`; `unload_metrics.sql` replaces the
    same characters.
    """
    return f"{model}/{run_id.replace(':', '-').replace('+', '-')}.json"


def version_file(version: str) -> str:
    """The path of a version in the versions' container."""
    return f"{version}.json"

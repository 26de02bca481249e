"""What the public page and its readers know the published files by, and where ours lie aside.

The public container and the file are part of the published contract: other systems read them.
"""

PUBLIC_CONTAINER = "dashboard-data"
PUBLISHED_FILE = "ddrc-metrics.json"

# Private: what the warehouse unloads, before it was looked at; and every version that was public.
CANDIDATES_CONTAINER = "candidates"
VERSIONS_CONTAINER = "versions"


def source_file(source: str) -> str:
    """The file of one source's own metrics, inside the public container."""
    return f"sources/{source}.json"


def candidate_file(model: str, run_id: str) -> str:
    """The file that a run unloads a metrics mart to, inside the candidates' container.

    Airflow's run ids are letters, digits and `_.~:+-`; the SQL of the unload does the same.
    """
    return f"{model}/{run_id.replace(':', '-').replace('+', '-')}.json"


def version_file(version: str) -> str:
    """The file of a version, inside the versions' container."""
    return f"{version}.json"

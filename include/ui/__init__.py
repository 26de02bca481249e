"""Pages and task links in Airflow's UI: read-only, rendered on the server."""

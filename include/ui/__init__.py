"""The pages that Airflow's UI shows of ours: read-only, rendered on the server."""

"""A defective DAG: its second task reads a file that its first task left on its machine.

The test's policy (`queue_policy.py`) sends the second task to the other worker.
"""

from pathlib import Path
from tempfile import gettempdir

from airflow.sdk import DAG, task

with DAG("leaves_a_file", schedule=None):

    @task
    def leave() -> str:
        file = Path(gettempdir()) / "rows.json"
        file.write_text("[1, 2, 3]")
        return file.name

    @task
    def read(name: str) -> str:
        return (Path(gettempdir()) / name).read_text()

    read(leave())  # type: ignore[arg-type]  # Airflow passes what the task returned.

"""The modules that the DAG files are built from."""

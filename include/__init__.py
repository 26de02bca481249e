"""What the DAG files are made of: facts, loaders, the pipeline, publishing, incidents."""

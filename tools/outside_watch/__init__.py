"""The watch from outside: `python -m tools.outside_watch`, on GitHub's runner every 15 minutes.

It needs neither Airflow nor a credential of the pipeline: it reads the public file and the
heartbeat of the watch as anyone can, and posts to Slack by its own webhook. `requirements.txt`
lists its packages.
"""

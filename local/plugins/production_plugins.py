"""The plugins of production: Airflow has one plugins folder, and on a laptop it is this one."""

from plugins.ddrc_pages import DdrcPages

__all__ = ["DdrcPages"]

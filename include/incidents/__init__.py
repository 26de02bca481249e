"""Incidents: a failed task's severity, who responds, the Slack message, and the incident log."""

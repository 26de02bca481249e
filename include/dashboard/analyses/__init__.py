"""Analyses: files in percent format, which run as scripts and open as notebooks.

`python -m include.dashboard.analyses` lists them and runs one: docs/analysis.md. The format:
https://jupytext.readthedocs.io/en/latest/formats-scripts.html
"""

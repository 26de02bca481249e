"""A checklist of a deployment: `python -m tools.preflight`; see docs/preflight.md.

It reads the connections and Variables that are configured where it runs, tries each of them through
the pipeline's own code, and prints one table with what to do.
"""

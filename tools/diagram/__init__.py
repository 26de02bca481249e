"""The architecture's diagram, drawn from what the code says: `python -m tools.diagram`."""

"""An ArcGIS layer: its metadata, its pages, and how all its rows are read."""

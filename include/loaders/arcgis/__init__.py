"""An ArcGIS layer: its metadata, its pages and the strategies to read it completely."""

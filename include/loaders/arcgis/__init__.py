"""Reading an ArcGIS layer completely: what it says of itself, what it holds, page by page."""

"""How the published file is written."""

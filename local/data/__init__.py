"""Generates the data that the laptop's sources serve, in the real sources' size and shape."""

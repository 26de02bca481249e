"""The cloud on a laptop: servers that speak the protocols of the real services."""

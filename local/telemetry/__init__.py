"""A collector of metrics and lineage on a laptop: it keeps what a deployment would send away."""

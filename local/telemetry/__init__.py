"""A collector of metrics and lineage for the laptop, in place of a deployment's services."""

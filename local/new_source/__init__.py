"""`make new-source`: writes what a new source needs, to be filled in by a person."""

"""`make new-source`: writes the files of a new source, for a person to fill in."""

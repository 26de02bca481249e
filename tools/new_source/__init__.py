"""`make new-source`: templates of a source's files, for a person to fill in."""

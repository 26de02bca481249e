"""`make new-source`: a copier template with the files of a source, for a person to fill in."""

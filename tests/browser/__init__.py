"""A package, so that pytest closes the window of its fixture after the folder's last test."""

"""Commands for those who work on the project; production holds none of them."""

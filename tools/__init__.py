"""Commands for development; production does not have them."""

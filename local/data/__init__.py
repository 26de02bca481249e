"""The seeded data that the laptop's sources serve: the size and shape of the real ones."""

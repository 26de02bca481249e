"""Benchmarks of speed and of the warehouse's work: `make bench`."""

"""How fast the loaders are, beside what people use today: `python -m bench.arcgis`."""

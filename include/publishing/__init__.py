"""Publication of the public file: contract, audit, promotion, versions and holds."""

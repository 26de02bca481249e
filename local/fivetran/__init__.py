"""The Fivetran account of a laptop: its REST API, and syncs that really land rows."""

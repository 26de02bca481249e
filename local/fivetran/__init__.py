"""An emulated Fivetran account: its REST API, and syncs that write rows to the warehouse."""

"""SERVICE: a query that names the sites it asks."""

"""Who does what in a territory."""

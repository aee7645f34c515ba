"""The page about one thing."""

"""What changed from one generation to the next."""

"""Package of Atlas relationnel."""

"""The questions that cross communities."""

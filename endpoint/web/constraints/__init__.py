"""What the shapes ask of the data, in words."""

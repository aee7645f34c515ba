"""What leaves a generation as a file: dumps, and what changed between two."""

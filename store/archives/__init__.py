"""Backups: a generation in one file, and the way back."""

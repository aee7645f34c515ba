"""Writes: asked for in one place, made by one process, reasoned with, judged, then published."""

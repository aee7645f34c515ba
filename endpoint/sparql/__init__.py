"""Queries over HTTP: what is asked, whether it may run, and how it is answered."""

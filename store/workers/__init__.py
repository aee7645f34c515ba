"""Queries answered by confined processes that can be killed: who is next, and how one is asked."""

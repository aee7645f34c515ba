"""What a partner publishes, taken into the partner's own graph: told apart, fetched, declared."""

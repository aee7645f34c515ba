"""What a request asks: its parameters, its body, its query or update, and what may run."""

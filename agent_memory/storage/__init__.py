"""Effects on a memory's directory: the one place that changes files."""

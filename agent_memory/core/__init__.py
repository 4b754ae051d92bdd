"""The pure core: every function here takes values and returns values."""

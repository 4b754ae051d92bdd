"""Thin shells over `Memory` for the runners that people use."""

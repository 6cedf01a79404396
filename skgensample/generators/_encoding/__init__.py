"""Columns as scalars and codes, and back; NumPy and SciPy only."""

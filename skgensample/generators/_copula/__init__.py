"""Gaussian copula: normal scores, correlations, conditional draws; NumPy and SciPy only."""

"""Gaussian copula: normal scores, correlations, conditional sampling; NumPy and SciPy only."""

"""Sampling of rows from trained networks, and calibration of their marginals."""

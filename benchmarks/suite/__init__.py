"""Timings of the samplers, for asv."""

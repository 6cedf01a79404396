"""Threads, compiled kernels, thread limits and random streams, shared by all samplers."""

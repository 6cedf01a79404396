"""Threads, compiled kernels and random streams: what both wings run on."""

"""Invented values that take the place of those which identify people or rows."""

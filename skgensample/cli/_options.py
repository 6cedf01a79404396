"""Values of command-line options."""

import argparse

__all__ = ["named_limit", "natural", "numbers", "positive", "split_names"]


def split_names(text):
    """Names that commas separate."""
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text):
    """Numbers that commas separate."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError("numbers are expected, such as .05,.1,1") from None


def natural(text, least=0):
    """A whole number from `least` on."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"a whole number from {least} on is expected")
    return int(text)


def positive(text):
    """A whole number from 1 on."""
    return natural(text, least=1)


def named_limit(text):
    """Name and limit of ``NAME=NUMBER``."""
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise argparse.ArgumentTypeError("MEASURE=NUMBER is expected") from None

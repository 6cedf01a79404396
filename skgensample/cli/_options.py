"""Values of command-line options."""

import argparse

__all__ = [
    "add_drop", "add_kind", "named_kind", "named_limit", "natural", "numbers", "positive",
    "split_names",
]  # fmt: skip


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


def named_kind(text):
    """Column and kind of ``COL=KIND``."""
    name, sign, kind = text.rpartition("=")
    if not (sign and name.strip() and kind.strip()):
        raise argparse.ArgumentTypeError("COL=KIND is expected, such as zip=category")
    return name.strip(), kind.strip()


def add_drop(parser):
    """Add the option that leaves columns out."""
    parser.add_argument(
        "--drop",
        metavar="COL,...",
        type=split_names,
        action="extend",
        default=[],
        help="columns that are left out, such as names and row numbers",
    )


def add_kind(parser):
    """Add the option that says what a column is."""
    parser.add_argument(
        "--kind",
        metavar="COL=KIND",
        type=named_kind,
        action="append",
        default=[],
        help="what a column is, where that is taken wrongly (see `skgensample schema`): number, "
        "integer, money, flag, category, date, duration, text, identifier or personal; may be "
        "repeated",
    )

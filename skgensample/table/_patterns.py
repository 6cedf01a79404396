"""Codecs of integers that are not any integers: dates such as 20211231, and whole multiples."""

import numpy as np

from ._columns import IntegerCodec

#: Different values below which nothing is concluded from them.
LEAST_VALUES = 10
#: Rows that are looked at before a column is read in full.
FIRST_ROWS = 1_024
#: Dates as integers, at least and at most.
FIRST_DATE, LAST_DATE = 19_000_101, 21_001_231


class CalendarCodec:
    """Dates written as integers, 20211231, as days since the first one.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The integers, all of them dates.
    dtype : dtype
        Dtype of the column.
    """

    calendar = True

    def __init__(self, values, dtype):
        days = days_of(values)
        self.first, self.dtype = days.min(), dtype
        self.span = float((days.max() - self.first).astype(np.int64))

    def encode(self, values):
        return (days_of(values) - self.first).astype(np.float64)

    def decode(self, z):
        days = self.first + np.clip(np.rint(z), 0, self.span).astype("m8[D]")
        years, months = days.astype("M8[Y]"), days.astype("M8[M]")
        year = years.astype(np.int64) + 1970
        month, day = (months - years).astype(np.int64) + 1, (days - months).astype(np.int64) + 1
        return (10_000 * year + 100 * month + day).astype(self.dtype)

    def describe(self, width):
        return [{"kind": "integer", "lo": 0.0, "hi": self.span}]


class MultipleCodec:
    """Integers a whole number of steps apart, such as amounts in thousands.

    Parameters
    ----------
    inner : IntegerCodec
        Codec of the integers.
    step : int
        Greatest common divisor of their distances.
    scaled : bool
        Whether steps are counted; otherwise distances keep their unit, and decoding rounds.
    """

    def __init__(self, inner, step, scaled):
        self.inner, self.step, self.unit = inner, step, step if scaled else 1

    @property
    def lo(self):
        """Smallest integer."""
        return self.inner.lo

    def encode(self, offsets):
        return offsets / self.unit

    def decode(self, z):
        return self.inner.decode(np.rint(z * self.unit / self.step) * self.step)

    def describe(self, width):
        top = float(self.inner.span) / self.unit
        return [{"kind": "integer", "lo": 0.0, "hi": top, "step": float(self.step // self.unit)}]


def days_of(values):
    """Integers such as 20211231 as dates; NaT for those that are none."""
    values = values.astype(np.int64)
    years, months, days = values // 10_000, values // 100 % 100, values % 100
    inside = (values >= FIRST_DATE) & (values <= LAST_DATE) & (months >= 1) & (months <= 12)
    months = np.where(inside, (years - 1970) * 12 + months - 1, 0).astype("M8[M]")
    found = months.astype("M8[D]") + (np.where(inside, days, 1) - 1).astype("m8[D]")
    inside &= (found.astype("M8[M]") == months) & (days >= 1)
    return np.where(inside, found, np.datetime64("NaT"))


def kept_pattern(codec, z, there, *, scaled):
    """A codec that keeps the pattern of a column of integers, and its numbers.

    Parameters
    ----------
    codec : object
        Codec of the column; only an `IntegerCodec` is replaced.
    z : ndarray of shape (n,)
        Its numbers, NaN for missing cells.
    there : ndarray of shape (m,)
        Its numbers without missing cells.
    scaled : bool
        See `MultipleCodec`.

    Returns
    -------
    codec, z
        Those given where there is no pattern.
    """
    if type(codec) is not IntegerCodec or not codec.small or not len(there):
        return codec, z
    low = int(np.ravel(codec.lo)[0])
    for part in (there[:FIRST_ROWS], there):
        is_date = not np.isnat(days_of(part + low)).any()
        step = 0 if is_date else int(np.gcd.reduce(part.astype(np.int64)))
        if not is_date and step == 1:
            return codec, z
    if len(np.unique(there)) < LEAST_VALUES:
        return codec, z
    if is_date:
        dates = CalendarCodec(there + low, codec.dtype)
        days = dates.encode(np.where(np.isnan(z), there[0], z) + low)
        return dates, np.where(np.isnan(z), np.nan, days)
    made = MultipleCodec(codec, step, scaled)
    return made, made.encode(z)

"""Dates and durations as whole steps of the coarsest unit in which a column is kept."""

from datetime import timedelta

import numpy as np

from ._columns import IntegerCodec, rounded_range

#: Parts of a day in which columns are kept: days, hours, minutes, seconds and below.
SECONDS = 86_400
PARTS = (1, 24, 1_440, SECONDS, SECONDS * 10**3, SECONDS * 10**6, SECONDS * 10**9)

#: Ticks of a day in each unit of numpy and polars.
PER_DAY = dict(zip(("D", "h", "m", "s", "ms", "us", "ns"), PARTS))


class TimeCodec:
    """Ticks of a clock, 64-bit integers, as steps from a round number of them before the earliest.

    The step is the longest of a day, an hour, a minute, a second, a milli- and a microsecond that
    divides the distance of every value from the earliest: whole days stay whole days.

    Parameters
    ----------
    ticks : ndarray of shape (n,) of int64
        Values as the clock counts them.
    unit : {"D", "s", "ms", "us", "ns"}
        What one tick is.
    name : object
        Column name.
    wall : bool, default=False
        Whether the clock is that of a time zone, not the world's.
    """

    def __init__(self, ticks, unit, name, *, wall=False):
        self.unit, self.wall = unit, wall
        self.first = ticks.min()
        steps = self._distance(ticks)
        self.step = natural_step(int(np.gcd.reduce(steps)), PER_DAY[unit])
        # the earliest date is the cell of a single row, and the codec is kept with a model
        first = self.first // self.step
        offset = first - rounded_range(first, ticks.max() // self.step)[0]
        if int(self.first) - int(offset) * self.step > np.iinfo(np.int64).min:  # which is NaT
            self.first = self.first - offset * self.step
        steps = self._distance(ticks) // np.uint64(self.step)
        self.steps = IntegerCodec(steps, [name], learned=True)

    def _distance(self, ticks):
        """Distance to the earliest tick, in wrap-around unsigned arithmetic."""
        with np.errstate(over="ignore"):
            return ticks.view(np.uint64) - self.first.astype(np.uint64)

    def encode(self, ticks):
        return self.steps.encode(self._distance(ticks) // np.uint64(self.step))

    def decode(self, z):
        with np.errstate(over="ignore"):
            distance = self.steps.decode(z) * np.uint64(self.step)
            return (distance + self.first.astype(np.uint64)).view(np.int64)

    def describe(self, width):
        # two dates are two numbers, not a flag
        return [{**fact, "kind": "integer", "n_levels": 0} for fact in self.steps.describe(width)]


def natural_step(common, per_day):
    """Longest natural unit, in ticks, that divides `common`; at least one tick."""
    units = [per_day // part for part in PARTS if per_day >= part]
    return next(unit for unit in units if common % unit == 0)


def zoned(world, local, unit, name):
    """Codec and encoded values of times in a zone, on the clock that shows longer steps.

    Days of a time zone are of 23 to 25 hours: whole days are whole on its own clock only. Else
    the world's clock is taken, on which no hour comes twice.
    """
    there, here = TimeCodec(world, unit, name), TimeCodec(local, unit, name, wall=True)
    if here.step > there.step:
        return here, here.encode(local)
    return there, there.encode(world)


def pandas_times(series, name):
    """Codec and encoded values of a pandas column of dates or durations without missing cells."""
    zone = getattr(series.dtype, "tz", None)
    if zone is None:
        ticks, unit = series.to_numpy(), np.datetime_data(series.dtype)[0]
        codec = TimeCodec(ticks.view(np.int64), unit, name)
        return codec, codec.encode(ticks.view(np.int64))
    clocks = series.dt.tz_convert(None), series.dt.tz_localize(None)
    return zoned(*(clock.to_numpy().view(np.int64) for clock in clocks), series.dtype.unit, name)


def to_pandas(codec, ticks, dtype):
    """A pandas column of dates or durations."""
    import pandas as pd

    zone = getattr(dtype, "tz", None)
    kind = "M" if zone else dtype.kind
    column = pd.Series(ticks.view(f"{kind}8[{codec.unit}]"))
    if codec.wall:
        early = np.ones(len(ticks), dtype=bool)
        return column.dt.tz_localize(zone, ambiguous=early, nonexistent="shift_forward")
    return column.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else column


def polars_times(series, name):
    """Codec and encoded values of a polars column of dates, times or durations."""
    kind = series.dtype
    unit = getattr(kind, "time_unit", "D" if str(kind) == "Date" else "ns")
    ticks = _physical(series)
    if getattr(kind, "time_zone", None):
        return zoned(ticks, _physical(series.dt.replace_time_zone(None)), unit, name)
    codec = TimeCodec(ticks, unit, name)
    return codec, codec.encode(ticks)


def _physical(series):
    """Ticks of a polars column."""
    return series.to_physical().to_numpy().astype(np.int64)


def to_polars(codec, ticks, name, dtype):
    """A polars column of dates, times or durations."""
    import polars as pl

    column = pl.Series(name, ticks)
    if str(dtype) == "Date":
        return column.cast(pl.Int32).cast(dtype)
    if not codec.wall:
        return column.cast(dtype)
    column = column.cast(pl.Datetime(dtype.time_unit))
    options = {"ambiguous": "earliest", "non_existent": "null"}
    placed = column.dt.replace_time_zone(dtype.time_zone, **options)
    skipped = (column + timedelta(hours=1)).dt.replace_time_zone(dtype.time_zone, **options)
    return placed.zip_with(placed.is_not_null(), skipped)

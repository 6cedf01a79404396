"""Dates and durations, encoded as integer steps of the coarsest unit that fits the column."""

from datetime import timedelta

import numpy as np

from ._columns import IntegerCodec

#: Parts of a day by candidate unit: day, hour, minute, second, milli-, micro- and nanosecond.
SECONDS = 86_400
PARTS = (1, 24, 1_440, SECONDS, SECONDS * 10**3, SECONDS * 10**6, SECONDS * 10**9)

#: Ticks of a day in each unit of numpy and polars.
PER_DAY = dict(zip(("D", "h", "m", "s", "ms", "us", "ns"), PARTS))


class TimeCodec:
    """Ticks of a clock, 64-bit integers, as steps from the earliest one.

    The step is the longest of a day, an hour, a minute, a second, a milli- and a microsecond that
    divides the distance of every value to the earliest, so that a column of whole days is decoded
    to whole days.

    Parameters
    ----------
    ticks : ndarray of shape (n,) of int64
        Timestamps or durations in `unit`.
    unit : {"D", "s", "ms", "us", "ns"}
        Unit of one tick.
    name : object
        Column name.
    wall : bool, default=False
        Whether ticks are local times of a time zone instead of UTC.
    """

    def __init__(self, ticks, unit, name, *, wall=False):
        self.unit, self.wall = unit, wall
        self.first = ticks.min()
        steps = self._distance(ticks)
        self.step = natural_step(int(np.gcd.reduce(steps)), PER_DAY[unit])
        self.steps = IntegerCodec(steps // np.uint64(self.step), [name])

    @property
    def wall_step(self):
        """The step of a column in local time, as a timedelta; None for one in UTC.

        Offsets from UTC are whole seconds, so that steps which are longer in local time are, too.
        """
        return timedelta(seconds=self.step * SECONDS // PER_DAY[self.unit]) if self.wall else None

    def _distance(self, ticks):
        """Distance to the earliest tick, in unsigned arithmetic modulo 2**64."""
        with np.errstate(over="ignore"):
            return ticks.view(np.uint64) - self.first.astype(np.uint64)

    def encode(self, ticks):
        return self.steps.encode(self._distance(ticks) // np.uint64(self.step))

    def decode(self, z):
        with np.errstate(over="ignore"):
            distance = self.steps.decode(z) * np.uint64(self.step)
            return (distance + self.first.astype(np.uint64)).view(np.int64)

    def describe(self, width):
        # a column of two dates is numeric, not binary
        step = self.step * SECONDS / PER_DAY[self.unit]
        timed = {"kind": "integer", "n_levels": 0, "seconds": step}
        return [{**fact, **timed} for fact in self.steps.describe(width)]


def natural_step(common, per_day):
    """Length in ticks of the longest unit that divides `common`; at least one tick."""
    units = [per_day // part for part in PARTS if per_day >= part]
    return next(unit for unit in units if common % unit == 0)


def zoned(utc, local, unit, name):
    """Codec and encoded values of zoned times, in local time if that gives a longer step.

    Days with a change of daylight saving time have 23 or 25 hours, so that midnights are whole
    days apart in local time only. Otherwise UTC is used, in which no hour is ambiguous.
    """
    in_utc, in_local = TimeCodec(utc, unit, name), TimeCodec(local, unit, name, wall=True)
    if in_local.step > in_utc.step:
        return in_local, in_local.encode(local)
    return in_utc, in_utc.encode(utc)


def pandas_times(series, name):
    """Codec and encoded values of a pandas column of dates or durations without missing cells."""
    zone = getattr(series.dtype, "tz", None)
    if zone is None:
        ticks, unit = series.to_numpy(), np.datetime_data(series.dtype)[0]
        codec = TimeCodec(ticks.view(np.int64), unit, name)
        return codec, codec.encode(ticks.view(np.int64))
    times = series.dt.tz_convert(None), series.dt.tz_localize(None)
    return zoned(*(part.to_numpy().view(np.int64) for part in times), series.dtype.unit, name)


def to_pandas(codec, ticks, dtype):
    """Return ticks as a pandas Series of dates or durations."""
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
    """Return the underlying integers of a polars Series."""
    return series.to_physical().to_numpy().astype(np.int64)


def to_polars(codec, ticks, name, dtype):
    """Return ticks as a polars Series of dates, times or durations."""
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

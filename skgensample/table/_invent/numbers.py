"""Running numbers, dates of birth and network addresses that are invented."""

from datetime import datetime, timedelta

import numpy as np

#: Ways in which dates are written as text.
WRITTEN = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y")


class Running:
    """Whole numbers that go on behind those of the column, or before them where there is no room.

    Parameters
    ----------
    bottom, top : int
        Smallest and largest given number. Only round numbers below and above them are kept.
    step : int
        Common factor of the distances.
    most : int, default=None
        Largest number that the column's dtype holds.
    """

    most, before = None, 0  # of models saved before they were noted

    def __init__(self, bottom, top, step, most=None):
        digits = 10 ** max(len(str(top)) - 2, 0)
        self.start, self.step, self.most = (top // digits + 1) * digits, step, most
        self.before = bottom // digits * digits - step

    def draw(self, n, rng, needed):
        """The next numbers as text, in random order."""
        wanted, above = max(n, needed), max(n, needed)
        if self.most is not None:
            above = min(wanted, max((self.most - self.start) // self.step + 1, 0))
        below = min(wanted - above, max(self.before // self.step + 1, 0))
        order = rng.permutation(above + below)[:n].tolist()
        numbers = (i if i < above else above - 1 - i for i in order)
        return [
            str((self.start if i >= 0 else self.before + self.step) + self.step * i)
            for i in numbers
        ]


class AnyNumbers:
    """Whole numbers of all that a dtype holds, where the column's own pattern has no more.

    Parameters
    ----------
    dtype : dtype
        Integer dtype.
    negative : bool
        Whether there are negative numbers among the given ones.
    """

    def __init__(self, dtype, negative):
        limits = np.iinfo(dtype)
        self.low, self.high, self.dtype = (limits.min if negative else 0), limits.max, dtype

    def draw(self, n, rng, needed):
        """Draw numbers; all of them, in random order, of a narrow dtype."""
        if self.dtype.itemsize > 2:
            wide = np.dtype(self.dtype.type)  # of the machine's byte order
            return rng.randint(self.low, self.high, size=n, dtype=wide).tolist()
        return (self.low + rng.permutation(self.high - self.low + 1)).tolist()


class Dates:
    """Dates, spread over the years as the given ones.

    Parameters
    ----------
    days : list of date or datetime
        Given dates. Quantiles of their years are kept.
    """

    def __init__(self, days):
        years = np.array([day.year for day in days])
        self.years = np.quantile(years, np.linspace(0, 1, 11)).round().astype(int)
        self.n_given = len(set(days))
        self.timed = any(isinstance(day, datetime) and _seconds(day) for day in days)

    def draw(self, n, rng, needed):
        """Draw n days, as dates or datetimes without a zone."""
        years, most = self.years.astype(float), 365 * (self.years[-1] - self.years[0] + 1)
        lacking = needed + self.n_given - 0.8 * most
        if not self.timed and lacking > 0:  # more days than the given years have
            years = np.linspace(max(years[0] - lacking / 365, 2), years[-1], 11)
        ends = np.append(years[:-1], years[-1] + 1)
        at = np.interp(rng.random_sample(n) * (len(ends) - 1), np.arange(len(ends)), ends)
        days = [_day_in(year) for year in at]
        if self.timed:
            times = rng.randint(86_400, size=n).tolist()
            days = [day + timedelta(seconds=seconds) for day, seconds in zip(days, times)]
        return days


def _seconds(day):
    return day.hour or day.minute or day.second


def _day_in(year):
    """The day of a year with a fraction."""
    start = datetime(int(year), 1, 1)
    return start + timedelta(days=int((year - int(year)) * 365))


def written_dates(texts):
    """How all of some texts write a date, and the dates; None where they do not.

    Parameters
    ----------
    texts : sequence of str
        The texts.

    Returns
    -------
    pattern : str
    days : list of date
    """
    for pattern in WRITTEN:
        try:
            return pattern, [datetime.strptime(text.strip(), pattern).date() for text in texts]
        except ValueError:
            continue
    return None


class WrittenDates:
    """Dates as text.

    Parameters
    ----------
    pattern : str
        How they are written.
    days : list of date
        Given dates.
    """

    def __init__(self, pattern, days):
        self.pattern, self.days = pattern, Dates(days)

    def draw(self, n, rng, needed):
        """Draw n dates."""
        return [day.strftime(self.pattern) for day in self.days.draw(n, rng, needed)]


class Addresses4:
    """Network addresses (IPv4) of the ranges reserved for documentation and for private use."""

    def draw(self, n, rng, needed):
        """Draw n addresses within 10.0.0.0/8 (RFC 1918)."""
        parts = rng.randint(256, size=(n, 3)).tolist()
        return [f"10.{a}.{b}.{c}" for a, b, c in parts]

"""A column whose values are invented: what is kept of it, and how new cells are made."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral, Real

import numpy as np

from .checksums import with_luhn, with_mod97
from .given import GivenValues, key_of
from .numbers import Addresses4, AnyNumbers, Dates, Running, WrittenDates, written_dates
from .patterns import Patterns
from .pools import Accounts, Names, Pools, Sentences, check_provider, faker_of

#: Providers that keep the pattern of the column, and so take numbers too.
BY_PATTERN = ("identifier", "phone_number", "credit_card_number", "iban", "ssn")

#: What this package makes itself; any other provider is Faker's.
OWN = (
    *BY_PATTERN, "name", "first_name", "last_name", "email", "user_name", "date_of_birth", "ipv4",
    "text", "address", "street_address",
)  # fmt: skip

#: Draws without a new value after which a provider is taken to have no more.
MOST_DRAWS = 30


class InventedColumn:
    """Maker of new cells of one column: of its type and format, and none of the given ones.

    It keeps hashes, patterns and frequencies, and no value of the column.

    Parameters
    ----------
    name : object
        Column name, for messages.
    cells : list
        Cells of the column that are not missing; at least one.
    n_missing : int
        Number of missing cells.
    provider : str
        What is invented; see `FakeColumns`.
    locale : str
        Locale of names, addresses and texts.
    by_locale : bool, default=False
        Whether phone numbers are to be those of the locale and not of the column's pattern.
    unique : bool, default=False
        Whether all new cells must differ, even if some given ones do not.
    dtype : dtype, default=None
        numpy dtype of a column of numbers.
    """

    is_negative = False  # of models saved before it was noted

    def __init__(
        self, name, cells, n_missing, provider, locale, *, by_locale=False, unique=False, dtype=None
    ):
        self.name, self.provider, self.locale = name, provider, locale
        self.type, self.dtype = _type_of(name, cells), dtype
        self.timed = any(isinstance(cell, datetime) for cell in cells[:1])
        counts = Counter(cells)
        self.n_blank = counts.pop("", 0)
        self.n_missing, self.n_cells = n_missing, len(cells) + n_missing
        # how many values occur once, twice, ...
        times = Counter(counts.values())
        self.times = np.array(sorted(times)), np.array([times[m] for m in sorted(times)])
        self.unique = unique or set(times) <= {1}
        self.given = GivenValues(counts)
        self.maker = self._maker(counts, by_locale) if counts else None
        self.is_negative = self.type == "integer" and min(counts, default=0) < 0

    def _maker(self, counts, by_locale):
        """What draws values, as text or dates."""
        provider = self.provider
        if self.type == "date" and provider in ("date_of_birth", *BY_PATTERN):
            return Dates(list(counts))
        if self.type != "text":
            return self._number_maker(counts)
        texts = list(counts)
        if provider == "date_of_birth":
            found = written_dates(texts)
            return WrittenDates(*found) if found else Patterns(counts)
        if provider in BY_PATTERN and not (provider == "phone_number" and by_locale):
            return _pattern_maker(provider, counts)
        if provider == "ipv4":
            return Addresses4()
        faker_of(self.locale)  # told now, and not when rows are drawn
        if provider in ("name", "first_name", "last_name"):
            return Names(self.locale, provider, texts)
        if provider in ("email", "user_name"):
            return Accounts(self.locale, mail=provider == "email")
        if provider == "text":
            return Sentences(self.locale, texts)
        check_provider(self.name, self.locale, provider, OWN)
        lines = any("\n" in text for text in texts)
        return Pools(self.locale, provider, join=None if lines else ", ")

    def _number_maker(self, counts):
        """What draws numbers, as text."""
        texts = {key_of(cell): count for cell, count in counts.items()}
        if self.provider == "date_of_birth" and written_dates(list(texts)):
            return WrittenDates(*written_dates(list(texts)))
        if self.provider not in BY_PATTERN:
            raise ValueError(
                f"Column {self.name!r} holds {self.type}s, and {self.provider!r} makes text: give "
                "'identifier', or convert the column to text."
            )
        if self.type == "integer" and self.provider == "identifier":
            running = _running(list(counts), self.dtype)
            if running is not None:
                return running
        return _pattern_maker(self.provider, texts, number=True)

    def make(self, n, rng, taken):
        """Make n new cells.

        Parameters
        ----------
        n : int
            Number of cells.
        rng : RandomState
            Source of all draws.
        taken : set
            Keys of values that other rows of the same call have; those made are added.

        Returns
        -------
        cells : list
            Texts, numbers or datetimes; missing ones are None.
        """
        at = self._repetitions(n, rng)
        none, blank = (self.n_missing / self.n_cells, self.n_blank / self.n_cells)
        u = rng.random_sample(n)
        full = np.flatnonzero(u >= none + blank)
        cells = np.empty(n, dtype=object)
        cells[(u >= none) & (u < none + blank)] = ""
        if not len(full):
            return cells.tolist()
        which, back = np.unique(at[full], return_inverse=True)
        values = np.empty(len(which), dtype=object)
        values[:] = self._different(len(which), rng, taken)
        cells[full] = values[back.ravel()]
        return cells.tolist()

    def _repetitions(self, n, rng):
        """Numbers of values for n cells: each as often as values occur in the column."""
        if self.unique:
            return np.arange(n)
        once = np.repeat(*self.times)
        population = np.repeat(np.arange(len(once)), once)
        copies = -(-n // len(population))
        numbers = np.concatenate([population + i * len(once) for i in range(copies)])
        return rng.permutation(numbers)[:n]

    def _different(self, k, rng, taken):
        """k different values, none of them given or taken."""
        is_given, found = self.given.finder(), {}
        self._draw_into(found, self.maker, k, rng, taken, is_given)
        if len(found) < k and self.type == "integer" and self.dtype is not None:
            rest = AnyNumbers(self.dtype, self.is_negative)
            self._draw_into(found, rest, k, rng, taken, is_given)
        values = list(found.values())
        if len(values) < k:
            values = self._repeated(values, k)
        taken.update(found)
        return values

    def _draw_into(self, found, maker, k, rng, taken, is_given):
        """Add values of a maker until there are k, or it has no more."""
        needed, idle = k + len(taken), 0
        while len(found) < k and idle < MOST_DRAWS:
            before = len(found)
            for value in maker.draw(int(1.1 * (k - before)) + 10, rng, needed):
                value = self._cast(value)
                key = None if value is None else key_of(value)
                if key is None or len(found) == k or key in found or key in taken:
                    continue
                if not is_given(value):
                    found[key] = value
            # the sequence of a running number is the same again: ask for more of it
            needed += k if len(found) == before else 0
            idle = idle + 1 if len(found) == before else 0

    def _repeated(self, values, k):
        """Values again from the first, where a provider has too few different ones."""
        if self.unique or not values:
            raise ValueError(
                f"Column {self.name!r}: only {len(values)} of {k} different new values of kind "
                f"{self.provider!r} could be invented. {self._way_out()}"
            )
        return [values[i % len(values)] for i in range(k)]

    def _way_out(self):
        """What to do about a column of which no more values can be invented."""
        if self.type != "text":
            held = "" if self.dtype is None else f", and its dtype {self.dtype} holds few others"
            return (
                f"The given ones are not invented again{held}: convert the column to a wider "
                "dtype or to text, ask for fewer rows, or drop it."
            )
        if self.provider == "identifier":
            return "Ask for fewer rows, or drop the column."
        return f"Give it another one, e.g. FakeColumns(columns={{{self.name!r}: 'identifier'}})."

    def _cast(self, value):
        """A drawn text in the type of the column's cells; None if its dtype cannot hold it."""
        if self.type == "integer":
            value, dtype = int(value), self.dtype
            held = dtype is None or np.iinfo(dtype).min <= value <= np.iinfo(dtype).max
            return value if held else None
        if self.type == "number":
            return float(value if self.dtype is None else self.dtype.type(value))
        if self.type == "decimal":
            return Decimal(value)
        if self.type == "date":
            return value if self.timed else value.date()
        return str(value)


def _type_of(name, cells):
    """Common type of the cells of a column."""
    kinds = {"text": str, "integer": Integral, "number": Real, "decimal": Decimal, "date": date}
    for kind, types in kinds.items():
        if all(isinstance(cell, types) for cell in cells):
            if any(isinstance(cell, (bool, np.bool_)) for cell in cells):
                break
            return kind
    found = ", ".join(sorted({type(cell).__name__ for cell in cells})[:3])
    raise TypeError(
        f"Column {name!r} holds cells of type {found}, which cannot be invented: values are "
        "invented of text, numbers and dates. Convert the column, or drop it."
    )


def _pattern_maker(provider, texts, *, number=False):
    """Patterns, completed by the check digits of cards and IBANs."""
    if provider == "credit_card_number":
        return Patterns(texts, lead=1, number=number, finish=with_luhn, lost=10)
    if provider == "iban" and all(len(text) > 4 for text in texts):
        return Patterns(texts, finish=with_mod97, lost=100)
    return Patterns(texts, number=number)


def _running(values, dtype):
    """A running number, or None: as many different values as a third of the range at least."""
    if len(values) < 2:
        return None
    lo, hi = int(min(values)), int(max(values))
    step = int(np.gcd.reduce(np.array([int(v) - lo for v in values], dtype=object)))
    if lo < 0 or (hi - lo) // step >= 3 * len(values):
        return None
    return Running(lo, hi, step, None if dtype is None else int(np.iinfo(dtype).max))

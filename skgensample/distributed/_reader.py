"""The rows of a table that decide: those on which a sampler gives the rows of the whole table."""

import functools
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.base import clone

from .._runtime.memory import refuse_beyond
from .._sampling_strategy import rows_wanted
from ..base import BaseGenerator, plain_label
from ..constraints._detect import LEAST_ROWS
from ..table import TableCodec
from ..table._categories import ColumnModes
from ..table._columns import missing_text
from ..table._plan import declared_plan
from ..table._witnesses import Facts, first_gap, picked_rows, stacked
from ._flags import one_hot_groups_of
from ._gather import by_partition, gathered, quotas, sampled_part, stratified
from ._needs import needs_of, way_out
from ._personal import refuse_personal_columns
from ._search import (
    SPARE,
    Encoding,
    Query,
    added_counts,
    category_counts,
    merged_neighbors,
    nearest_part,
)
from ._source import EveryPartition
from ._survey import merged_surveys, survey_of


@dataclass
class Core:
    """Some rows of a table in their global order.

    Parameters
    ----------
    X : frame or ndarray
        The rows.
    labels : ndarray
        Their labels.
    numbers : ndarray
        Their global row numbers, ascending.
    """

    X: object
    labels: np.ndarray
    numbers: np.ndarray

    def joined(self, X, labels, numbers):
        """Further rows added, each row once."""
        if not len(numbers):
            return self
        both = np.concatenate([self.numbers, numbers])
        _, order = np.unique(both, return_index=True)
        y = np.concatenate([self.labels, np.asarray(labels, dtype=self.labels.dtype)])
        return Core(picked_rows(stacked([self.X, X]), order), y[order], both[order])


def checked_needs(sampler, max_rows):
    """Rows that a sampler reads, once its parameters are found to be usable on a table in parts."""
    needs = needs_of(sampler)
    is_count = isinstance(max_rows, Integral) and not isinstance(max_rows, bool) and max_rows > 0
    if max_rows is not None and not is_count:
        raise ValueError(f"max_rows must be a positive int or None, got {max_rows!r}.")
    if max_rows is not None and not (needs.whole and isinstance(sampler, BaseGenerator)):
        raise ValueError(
            f"max_rows is for generators that train on the whole table; "
            f"{type(sampler).__name__} would give other rows on a sample: leave it out."
        )
    if isinstance(sampler.random_state, np.random.RandomState):
        raise ValueError(
            "A RandomState instance cannot be used on a table in parts, where a lost part is "
            "computed again from the seed: give an int as random_state."
        )
    return needs


class Reader:
    """Finds the core of a table for one sampler, pass by pass.

    Parameters
    ----------
    source : Source
        The table.
    split : Split
        Finds the labels of a partition.
    sampler : BaseOverSampler
        The sampler; not changed.
    max_rows : int or None
        Rows to train a generator on.
    memory : int or None
        Bytes that may be taken; None for what is available.

    Attributes
    ----------
    survey : Survey
        Of the first pass.
    counts : dict
        Rows of each class.
    wanted : dict
        New rows of each class that `sampling_strategy` names.
    """

    def __init__(self, source, split, sampler, max_rows=None, memory=None):
        self.needs = checked_needs(sampler, max_rows)
        self.source, self.split, self.sampler = source, split, clone(sampler)
        self.max_rows, self.memory = max_rows, memory
        self.codec = self.sampler._codec()
        plain = isinstance(self.codec, TableCodec) and not self.needs.whole
        schema, self.declared = self.sampler.schema, frozenset()
        self.facts = Facts(self.codec.categories, self.codec.learned, schema) if plain else None
        self._survey()

    def _survey(self):
        """First pass."""
        source, facts = self.source, self.facts
        numbers = EveryPartition()
        if source.n_partitions is not None:
            numbers = {p: p for p in range(source.n_partitions)}
        merge = functools.partial(merged_surveys, facts=facts)
        self.survey = source.reduce(survey_of, merge, numbers, self.split, facts)
        if self.survey is None or not self.survey.n_rows:
            raise ValueError("The table has no rows.")
        self.counts = self.survey.class_counts()
        labels = np.empty(0)
        if callable(self.sampler.sampling_strategy):
            labels = np.repeat(np.array(list(self.counts)), list(self.counts.values()))
        self.wanted = rows_wanted(self.sampler.sampling_strategy, labels, self.counts)
        self.sampled = [label for label, n in self.wanted.items() if n]
        self.sampler._check_class_sizes_of(self.counts, self.wanted)
        self.judged, self.groups = frozenset(), []
        if self.facts is not None:
            self._refuse_gaps()
            self._declare()
            survey, declared = self.survey, self.declared
            self.judged = refuse_personal_columns(self.codec, survey.X, survey.n_rows, declared)

    def _declare(self):
        """Read columns as the schema says."""
        if self.sampler.schema:
            X, given = self.survey.X, self.codec.categories
            self.codec.categories = ColumnModes(self.facts.modes(X), given)
            self.declared = frozenset(
                declared_plan(X, self.sampler.schema, self.codec.learned).modes
            )

    def _refuse_gaps(self):
        """Raise if cells are missing that the sampler does not take, with the row's number."""
        searches = self.needs.k or self.needs.category_counts
        found = first_gap(self.survey.X) if searches or not self.codec.missing else None
        if not found:
            return
        name, row = found[0], int(self.survey.row_numbers()[found[1]])
        if not self.codec.missing:
            raise ValueError(missing_text(name, row))
        raise ValueError(
            f"{type(self.sampler).__name__} looks at all rows, which is not supported for missing "
            f"cells of a table in parts: column {name!r}, row {row}. Impute first, e.g. with "
            "sklearn.impute.SimpleImputer, or take NumbaSMOTE."
        )

    def core(self):
        """Further passes: the rows that the sampler reads."""
        if self.needs.whole:
            return self._table()
        core = self._classes()
        if self.facts is None:
            return core
        survey = self.survey
        core = core.joined(survey.X, survey.labels, survey.row_numbers())
        encoding = Encoding(self.codec, survey.X)
        if self.sampler._keeps_patterns and survey.n_rows >= LEAST_ROWS:
            self.groups = one_hot_groups_of(self, core.X, encoding)
        encoding = Encoding(self.codec, survey.X, self.groups)
        if self.needs.k:
            core = self._with_neighbors(core, encoding)
        if self.needs.category_counts:
            self._count_categories(encoding)
        self.sampler._n_rows = survey.n_rows
        return core

    def _refuse_rows(self, n, what):
        """Raise if so many rows do not fit in memory, with their encoding and a copy."""
        width = self.survey.row_bytes + 8 * self.survey.X.shape[1]
        refuse_beyond(n * (width + self.survey.row_bytes), what, way_out(self.sampler),
                      limit=self.memory)  # fmt: skip

    def _table(self):
        """All rows, or a stratified sample of them."""
        n, name = self.survey.n_rows, type(self.sampler).__name__
        if self.max_rows is None or self.max_rows >= n:
            self._refuse_rows(n, f"{name} reads all {n:,} rows, which")
            wanted = {p: list(counts) for p, counts in enumerate(self.survey.counts) if counts}
            return Core(*gathered(self.source, wanted, self.split, self.survey.starts))
        self._refuse_rows(self.max_rows, f"A sample of max_rows={self.max_rows:,} rows")
        self._refuse_few(quotas(self.counts, self.sampled, self.max_rows))
        seed = self.sampler.random_state
        seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else int(seed)
        wanted = stratified(self.survey.counts, self.sampled, self.max_rows, seed)
        rows = gathered(self.source, wanted, self.split, self.survey.starts, sampled_part)
        return Core(*rows)

    def _refuse_few(self, kept):
        """Raise if a sample of the table has too few rows of a class to be sampled."""
        least = self.sampler._min_class_rows
        for label in self.sampled:
            if kept[label] < least:
                raise ValueError(
                    f"max_rows={self.max_rows:,} leaves {kept[label]} row(s) of class "
                    f"{plain_label(label)!r}, and {type(self.sampler).__name__} needs at least "
                    f"{least} of each class: give more."
                )

    def _classes(self):
        """Rows of the sampled classes."""
        n = sum(self.counts[label] for label in self.sampled)
        listed = ", ".join(repr(plain_label(label)) for label in self.sampled)
        self._refuse_rows(n, f"The {n:,} rows of the sampled classes ({listed})")
        wanted = {}
        for p, counts in enumerate(self.survey.counts):
            own = [label for label in self.sampled if label in counts]
            if own:
                wanted[p] = own
        others = [label for label in self.wanted or self.counts if label not in self.sampled]
        if not wanted:
            return Core(*self._first_rows(others))
        core = Core(*gathered(self.source, wanted, self.split, self.survey.starts))
        return core.joined(*self._first_rows(others)) if others else core

    def _first_rows(self, labels):
        """The first row of each of some classes, which get no new rows but have to be there."""
        wanted = {}
        for label in labels:
            p = next(p for p, counts in enumerate(self.survey.counts) if label in counts)
            wanted.setdefault(p, {})[label] = np.array([0])
        wanted = dict(sorted(wanted.items()))
        return gathered(self.source, wanted, self.split, self.survey.starts, sampled_part)

    def _with_neighbors(self, core, encoding):
        """The core and, for each row of a sampled class, the nearest rows of other classes."""
        found = []
        starts = dict(enumerate(self.survey.starts[:-1].tolist()))
        for label in self.sampled:
            members = np.flatnonzero(core.labels == label)
            # a row at distance 0 may stand before the row itself, which samplers leave out
            k = self.needs.k + 1
            needed = 64 * len(members) * (k + SPARE)
            what = f"The {len(members):,} rows of class {plain_label(label)!r} with {k} neighbours"
            refuse_beyond(needed, what, way_out(self.sampler), limit=self.memory)
            unit = self.sampler.datetime_unit
            Z, codec = encoding.points(picked_rows(core.X, members), unit)
            query = Query.of(label, Z, k, codec.columns, self.needs.counts_only, unit)
            merge = functools.partial(merged_neighbors, k=k)
            near = self.source.reduce(nearest_part, merge, starts, self.split, encoding, query)
            found.append(np.unique(near[1]))
        numbers = np.setdiff1d(np.concatenate(found or [[]]), core.numbers).astype(np.int64)
        if not len(numbers):
            return core
        self._refuse_rows(len(core.numbers) + len(numbers), "The sampled classes' neighbours")
        wanted = by_partition(numbers, self.survey.starts)
        return core.joined(*gathered(self.source, wanted, self.split, self.survey.starts))

    def _count_categories(self, encoding):
        """Counts of categories by class, for the sampler."""
        fitted = encoding(self.survey.X)[1]
        n_levels = [max(int(column.hi) + 1, 1) for column in fitted.columns]
        labels = np.array(list(self.counts))
        everywhere = dict.fromkeys(range(len(self.survey.counts)))
        self.sampler._category_counts = self.source.reduce(
            category_counts, added_counts, everywhere, self.split, encoding, labels, n_levels
        )

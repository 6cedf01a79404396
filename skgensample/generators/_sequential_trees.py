"""SequentialTreesResampler: column by column, a value from the leaf of a tree; no torch."""

from difflib import get_close_matches
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ..base import BaseConditionalResampler, plain_label
from ._encoding.class_statistics import labels_by_appearance
from ._trees.forest import MAX_CLASSES, GrowingOptions
from ._trees.model import SequentialTrees


class SequentialTreesResampler(BaseConditionalResampler):
    """Synthetic rows of any class, drawn column by column from the leaves of trees.
    """

    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "n_trees": [Interval(Integral, 1, None, closed="left")],
        "order": [StrOptions({"auto"}), "array-like"],
        "smoothing": ["boolean"],
        "train_on": [StrOptions({"all", "sampled"})],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        output="augment",
        min_samples_leaf=20,
        n_trees=5,
        order="auto",
        smoothing=True,
        train_on="all",
        n_jobs=None,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, output=output
        )
        self.min_samples_leaf = min_samples_leaf
        self.n_trees = n_trees
        self.order = order
        self.smoothing = smoothing
        self.train_on = train_on
        self.n_jobs = n_jobs

    def _fit_kept(self, Z, y, columns, rng):
        return self._fit_generator(Z, y, columns, rng, named=True)

    def _fit_generator(self, Z, y, columns, rng, named=False):
        """Grow trees on all rows, or on those of the classes to be sampled.

        These are the classes with new rows, or with `named` all that `sampling_strategy` names.
        """
        order = self._order(columns)
        if self.train_on == "sampled":
            sampled = [label for label, n in self.sampling_strategy_.items() if n or named]
            rows = np.isin(y, sampled)
            Z, y = Z[rows], y[rows]
        if not len(y):
            return None
        labels, group, _ = labels_by_appearance(y)
        options = GrowingOptions(int(self.n_trees), int(self.min_samples_leaf))
        return SequentialTrees(Z, labels, group, columns, order, options, rng, self.n_jobs)

    def _order(self, columns):
        if isinstance(self.order, str):
            late = [c.kind == "categorical" and c.n_levels > MAX_CLASSES for c in columns]
            return sorted(range(len(columns)), key=late.__getitem__)
        places = {column.name: column.index for column in columns}
        return [places[name] for name in self.order]

    def _generate(self, model, label, n, rng, out):
        """Draw rows of one class."""
        return model.draw(label, rng, out)

"""How samplers that generate column by column take conditions."""

import warnings

import numpy as np

from ...exceptions import ResamplingWarning
from .particles import complete, sample_conditioned

#: Rows generated at a time, and rows from which the probability of conditions is estimated.
CHUNK_ROWS, PILOT_ROWS = 2_048, 4_096
#: Below this effective share of the rows a warning is given.
FEW_EFFECTIVE = 0.1


class SequentialMonteCarlo:
    """Sampling under conditions by sequential Monte Carlo; see `sample_conditioned`.

    It sets `effective_share_` of the sampler: the effective number of rows over their number.
    """

    def prepare(self, conditioned):
        """Check that each column can have the values asked for."""
        for condition in conditioned.conditions:
            if not conditioned.model.allows(condition):
                raise ValueError(
                    f"Column {condition.name!r} has no such value within its observed range: give "
                    "one that the column can have."
                )
        return conditioned

    def rates(self, sampler, conditioned, rng):
        """Probability of the conditions in each class, up to a common factor."""
        rates = []
        for label in sampler._labels:
            g = _group(sampler, conditioned.model, label)
            found = sample_conditioned(
                conditioned.model, conditioned.conditions, PILOT_ROWS, _repeat(g), rng
            )
            rates.append(found.rate if found else -np.inf)
        top = max(rates)
        return np.zeros(len(rates)) if np.isinf(top) else np.exp(np.array(rates) - top)

    def generate(self, sampler, conditioned, label, n, rng, out):
        """Fill `out` with n rows of one class that satisfy the conditions."""
        g = _group(sampler, conditioned.model, label)
        for start in range(0, n, CHUNK_ROWS):
            part = out[start : start + CHUNK_ROWS]
            found = sample_conditioned(
                conditioned.model, conditioned.conditions, len(part), _repeat(g), rng
            )
            if found is None:
                where = "" if sampler.classes_ is None else f" in class {_plain(label)!r}"
                raise ValueError(
                    f"The model holds the conditions for impossible together{where}: give wider "
                    "intervals or fewer conditions."
                )
            part[:] = found.Z
            conditioned.effective.append((len(part), found.effective_share))
        return out

    def finish(self, sampler, conditioned):
        """Set the effective share of all rows of one call, and warn if it is small."""
        counts, effective = np.array(conditioned.effective).T
        self._report(sampler, float(counts @ effective / counts.sum()), int(counts.sum()))

    def complete(self, sampler, model, cells, label, rng):
        """Complete partial rows; returns them and their labels."""
        self._refuse_unknown(sampler, model, cells)
        if label is not None:
            draw = _repeat(_group(sampler, model, label))
        else:
            groups = np.array([_group(sampler, model, one) for one in sampler._labels])
            probabilities = sampler._label_probabilities(model, rng)

            def draw(n):
                return groups[rng.choice(len(groups), size=n, p=probabilities)]

        found = complete(model, cells, draw, rng)
        self._report(sampler, found.effective_share, len(cells))
        lost = round((1 - found.rate) * len(cells))
        if lost:
            warnings.warn(
                f"In {lost} of {len(cells)} partial rows the model "
                "holds the given cells for impossible together: they are kept, and the other cells "
                "follow only some of them.",
                ResamplingWarning,
                stacklevel=5,
            )
        return found.Z, model.labels[found.group]

    @staticmethod
    def _refuse_unknown(sampler, model, cells):
        """Raise for a given cell that its column cannot have; names column and row."""
        for column in sampler.codec_.columns:
            x = cells[:, column.index]
            rows = np.flatnonzero(~np.isnan(x))
            wrong = rows[~model.holds(column.index, x[rows])] if len(rows) else rows
            if len(wrong):
                raise ValueError(
                    f"Row {wrong[0]}: column {column.name!r} has no such value within its observed "
                    "range: give one that the column can have."
                )

    @staticmethod
    def _report(sampler, share, n):
        sampler.effective_share_ = share
        if share < FEW_EFFECTIVE and n > 1:
            warnings.warn(
                f"Only about {max(round(share * n), 1)} of {n} rows sampled under conditions are "
                "independent: the conditions are rare given the columns before them. Fit with the "
                "conditioned columns first, or AutoregressiveResampler(order='any'), or give "
                "wider intervals.",
                ResamplingWarning,
                stacklevel=4,
            )


def _plain(label):
    """A NumPy scalar as a Python object, for messages."""
    return label.item() if isinstance(label, np.generic) else label


def _group(sampler, model, label):
    """Class index of a label; an error if the class was not learnt."""
    found = np.flatnonzero(model.labels == label)
    if not len(found):
        raise sampler._not_learnt(label)
    return int(found[0])


def _repeat(group):
    """Return a function that gives one class index n times."""
    return lambda n: np.full(n, group)

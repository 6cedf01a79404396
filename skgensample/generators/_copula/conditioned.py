"""The Gaussian copula under conditions: given values, lists of values, intervals."""

from itertools import product

import numpy as np

from .model import chunks
from .multivariate_normal import ConditionalNormal

#: Fraction of the rows in the window in which the density at a given number is estimated.
WINDOW = 0.02
#: Resolution that is assumed of a number without one.
TINY_STEP = 1e-30
#: Combinations of listed values, each of which is a component of a mixture.
MOST_COMPONENTS = 1_024


class ConditionedCopula:
    """The model conditioned on given cells; has the interface of `CopulaModel`.

    Parameters
    ----------
    model : CopulaModel
        The model of whole rows.
    known : dict
        By column index: an encoded value, NaN for a missing cell, or an interval as a tuple.
    steps : dict
        By column index: the resolution of a number, None without one.
    """

    def __init__(self, model, known, steps):
        self.model, self.known, self.steps, self.given = model, known, steps, []
        for c, correlation in enumerate(model.correlations):
            found = model.intervals(c, known)
            self.given.append(found and ConditionalNormal(correlation, *found))

    def draw(self, c, rng, out):
        """Fill `out` with rows of one class, by index, that satisfy the conditions."""
        for part in chunks(out):
            self.model.write(c, self.given[c].draw(len(part), rng), part)
        for j, value in self.known.items():
            if not isinstance(value, tuple):
                out[:, j] = value
        return out

    def log_rates(self, rng):
        """Log likelihood of the conditions in each class, up to a constant of the columns."""
        logs = np.full(len(self.given), -np.inf)
        for c, given in enumerate(self.given):
            if given is not None:
                logs[c] = given.log_likelihood(rng)
        some = [given for given in self.given if given is not None]
        points = set(np.concatenate([given.points for given in some]).tolist()) if some else ()
        for j in sorted(points):
            mass, width = self._window(j)
            # density times resolution, so that tied values, which have a probability, compare
            step = TINY_STEP if self.steps[j] is None else self.steps[j]
            for c, given in enumerate(self.given):
                if given is not None and j in given.points:
                    logs[c] += np.log(mass[c]) - np.log(2 * width) + np.log(step)
        return logs

    def _window(self, j):
        """Probability, in each class, of a window around a number that holds 2 % of all rows.

        Returns the probabilities and the half width of the window.
        """
        value, below = self.known[j], self.model.below
        prior = self.model.sizes / self.model.sizes.sum()
        values = np.concatenate([quantiles.range() for quantiles in self.model.numbers(j)])
        narrow, wide = 0.0, np.max(np.abs(values - value))
        for _ in range(50):
            width = (narrow + wide) / 2
            mass = below(j, value + width) - below(j, value - width)
            narrow, wide = (narrow, width) if mass @ prior >= WINDOW else (width, wide)
        mass = below(j, value + wide) - below(j, value - wide)
        return np.maximum(mass, 0.5 / self.model.sizes), max(wide, np.finfo(np.float64).tiny)


class ConditionedMixture:
    """The model under conditions, some of which may be lists of values.

    Each combination of listed values is a component, drawn with its probability in the class.

    Parameters
    ----------
    model : CopulaModel
        The model of whole rows.
    conditions : list of Condition
        At most one for each column.
    """

    def __init__(self, model, conditions):
        self.model, self.conditions = model, conditions
        choices = [[c.edges] if c.values is None else c.values.tolist() for c in conditions]
        steps = {c.index: None if c.places is None else 10.0**-c.places for c in conditions}
        n_components = np.prod([float(len(choice)) for choice in choices])
        if n_components > MOST_COMPONENTS:
            raise ValueError(
                f"The lists of values have {n_components:,.0f} combinations, and the limit is "
                f"{MOST_COMPONENTS:,}: give shorter lists or intervals (low, high)."
            )
        self.components = [
            ConditionedCopula(model, dict(zip((c.index for c in conditions), values)), steps)
            for values in product(*choices)
        ]

    def condition_rates(self, rng):
        """Likelihood of the conditions in each class, up to a common factor."""
        logs = self._log_rates(rng)
        top = logs.max()
        return np.zeros(logs.shape[1]) if np.isinf(top) else np.exp(logs - top).sum(axis=0)

    def draw(self, label, rng, out):
        """Fill `out` with rows of one class that satisfy the conditions."""
        c = self.model.index(label)
        self._fill(c, label, rng, out)
        for condition in self.conditions:
            if condition.values is None:
                out[:, condition.index] = condition.limited(out[:, condition.index])
        return out

    def _fill(self, c, label, rng, out):
        if len(self.components) == 1 and self.components[0].given[c] is not None:
            return self.components[0].draw(c, rng, out)
        logs = self._log_rates(rng)[:, c]
        if np.isinf(logs.max()):
            raise ValueError(
                f"Class {label.item() if isinstance(label, np.generic) else label!r} has no value "
                "in the interval asked for: give a wider one, or "
                "sample without y."
            )
        probabilities = np.exp(logs - logs.max())
        counts = rng.multinomial(len(out), probabilities / probabilities.sum())
        start, order = 0, rng.permutation(len(out))
        rows = np.empty_like(out)
        for component, n in zip(self.components, counts.tolist()):
            if n:
                component.draw(c, rng, rows[start : start + n])
                start += n
        out[order] = rows
        return out

    def _log_rates(self, rng):
        return np.array([component.log_rates(rng) for component in self.components])

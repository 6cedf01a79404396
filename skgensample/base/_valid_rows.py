"""Rows that satisfy every constraint: generate, keep the valid ones, go on to the exact count."""

import numpy as np

from ..constraints._conditions import shifted

#: Rows of one batch, at least and at most.
BATCH_ROWS = (256, 65_536)
#: After so many rows, fewer than one valid one in a hundred end in an error; under conditions,
#: which the user may want to be rare, after more of them.
PATIENCE_ROWS, CONDITIONED_ROWS, LEAST_RATE = 20_000, 100_000, 0.01


def plain_label(label):
    """Return a NumPy scalar label as a Python object, for messages."""
    return label.item() if isinstance(label, np.generic) else label


def fill_with_valid(sampler, model, label, rng, out, codec, rest=()):
    """Fill `out` with rows of one class that satisfy all constraints.

    Parameters
    ----------
    sampler : BaseOverSampler
        The sampler.
    model : object
        What it generates from.
    label : label
        The class.
    rng : RandomState
        Source of all draws.
    out : ndarray of shape (n, number of columns)
        Output, rows of the model.
    codec : ConstrainedCodec
        Which rows are valid.
    rest : list of Condition, default=()
        Conditions on columns of the table that the model does not take itself.

    Raises
    ------
    ValueError
        If too few rows are valid: the rule that most rows break, and its acceptance rate.
    """
    found = tried = 0
    counts, patience = {}, CONDITIONED_ROWS if rest else PATIENCE_ROWS
    while found < len(out):
        if tried >= patience and found < LEAST_RATE * tried:
            raise ValueError(_too_few(sampler, label, found, tried, counts))
        n = len(out) - found
        if tried:
            rate = max(found, 1) / tried
            n = int(np.clip(1.1 * n / rate, *BATCH_ROWS))
            n = min(n, max(patience - tried, BATCH_ROWS[0])) if not found else n
        rows = np.empty((n, out.shape[1])) if tried else out
        made = sampler._generate_rows(model, label, n, rng, rows)
        if rest:
            shifted(codec, made, rest)
        valid = codec.accepts(made, counts, rest)
        kept = np.flatnonzero(valid)[: len(out) - found]
        if len(kept) < n:
            sampler._keep_rows(n, kept)
        if len(kept) < n or made is not out:
            out[found : found + len(kept)] = made[kept]
        found, tried = found + len(kept), tried + n


def _too_few(sampler, label, found, tried, counts):
    """Error text: which rule is the hardest, and how many rows satisfy it."""
    worst = min(counts, key=counts.get)
    return (
        f"{type(sampler).__name__}: {found} of {tried:,} rows generated for class "
        f"{plain_label(label)!r} satisfy all constraints and conditions, too few to go on. The "
        f"hardest is {worst}, which {counts[worst]:,} of them satisfy (acceptance rate "
        f"{counts[worst] / tried:.2g}). Correct or drop it; a Predicate may be stated as a rule "
        "that is held by construction (Inequality, LinearSum, FixedCombinations, OneHot)."
    )

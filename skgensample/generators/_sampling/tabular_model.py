"""Sampling of rows of a class from a trained network: calibration, decoding, ranges."""

from itertools import pairwise, repeat

import numpy as np
import torch

from .._training.single_thread import in_threads, single_threaded_torch
from .calibration import ROWS, MarginalCalibrator, QuantileMapper

#: Rows generated at a time: activations fit the cache, and few calls contend for the GIL.
CHUNK_ROWS = 6_144
#: Memory limit of calibration: numbers generated for all classes, if that allows enough rows.
CALIBRATION_NUMBERS = 2**24


class TabularModel:
    """A trained network with everything that sampling rows needs; holds no training row.

    If every column is constant there is no network, and the constants are repeated.

    Parameters
    ----------
    encoder : BlockEncoder
        How rows are encoded.
    ranges : ndarray of shape (n_classes, 2, d)
        Bounds of each column within each class; see `class_ranges`.
    frequencies : ndarray of shape (n_classes, width of all spans)
        Frequency of each code in each class; see `class_frequencies`.
    quantiles : list of dict, default=()
        Quantiles of each class in columns encoded by their values; see `class_quantiles`.
    """

    def __init__(self, encoder, ranges, frequencies, quantiles=()):
        self.encoder, self.ranges, self.frequencies = encoder, ranges, frequencies
        self.quantiles = quantiles
        self.net, self.calibrators, self.mappers = None, {}, {}

    @torch.no_grad()
    def install(self, net, groups=None, conditions=None):
        """Generate with this network from now on, and calibrate it for each class.

        Parameters
        ----------
        net : Generator
            Trained network, on the CPU.
        groups : iterable of int, default=None
            Class indices to calibrate, for one evaluation of early stopping. None calibrates all
            classes, for the final model, on up to four times as many rows.
        conditions : callable, default=None
            ``conditions(group, n, rng)`` gives the conditions of `n` rows of one class.
        """
        self.net, self.calibrators, self.mappers = net, {}, {}
        n = calibration_rows(self.encoder.layout.width, len(self.ranges), final=groups is None)
        with single_threaded_torch():
            for group in range(len(self.ranges)) if groups is None else groups:
                random = torch.Generator().manual_seed(int(group))
                counts, given = np.diff([*range(0, n, ROWS), n]).tolist(), repeat(None)
                if conditions is not None:
                    rows = conditions(group, n, np.random.RandomState(group))
                    given = torch.as_tensor(rows).split(counts)
                logits = torch.cat([net(*part, random) for part in zip(counts, given)])
                if not logits.isfinite().all():
                    raise FloatingPointError(
                        "The trained network returns numbers that are not finite. Fit again with "
                        "another random_state or a lower learning_rate."
                    )
                self.calibrators[group] = calibrator = MarginalCalibrator(
                    self.encoder, group, logits, self.frequencies[group]
                )
                if any(self.quantiles):
                    rng = np.random.RandomState(group)
                    rows = np.empty((n, self.ranges.shape[2]))
                    self._decode(rows, calibrator.transform(logits, random), group, rng)
                    self.mappers[group] = QuantileMapper(rows, self.quantiles[group])

    def sample(self, group, rng, out, condition=None):
        """Fill `out` with rows of one class, within its ranges.

        Chunks of at most 6,144 rows are generated in parallel, each from its own seed, so the rows
        do not depend on the number of threads. Cells of which the network returns NaN or infinity
        become infinite, which the caller refuses: decoded, they would be a bound of the class, an
        arbitrary level or a missing cell.

        Parameters
        ----------
        group : int
            Class index.
        rng : RandomState
            Source of all draws.
        out : ndarray of shape (n, d)
            Rows to fill.
        condition : ndarray of shape (n, k), default=None
            Condition indices of each row.

        Returns
        -------
        ndarray of shape (n, d)
            `out`.
        """
        parts = _even_parts(len(out))
        seeds = rng.randint(np.iinfo(np.int32).max, size=(len(parts), 2))

        def fill(part, seed):
            given = None if condition is None else torch.as_tensor(condition[part])
            random = torch.Generator().manual_seed(int(seed[0]))
            codes, broken = self._codes(len(out[part]), given, random, group)
            self._decode(out[part], codes, group, np.random.RandomState(seed[1]))
            if len(broken):
                out[part][broken] = np.inf

        in_threads(fill, parts, seeds)
        return out

    def _decode(self, out, codes, group, rng):
        """Decode scalars and codes of one class into `out`, within its ranges."""
        self.encoder.decode(*codes, group, rng, out)
        self._limit(out, group, rng)
        if group in self.mappers:
            self.mappers[group].transform_(out, rng)

    def _limit(self, out, group, rng):
        """Bring numbers into the ranges of the class."""
        for x, lo, hi, block in zip(out.T, *self.ranges[group], self.encoder.blocks):
            if block.n_scalars:
                reflect_into(x, lo, hi, rng)
            np.clip(x, lo, hi, out=x)

    @torch.no_grad()
    def _codes(self, n, condition, random, group):
        """Scalars and codes of new rows, and which cells the network made of no finite number.

        Batch normalisation uses its running statistics.
        """
        if self.net is None:
            return np.empty((2, n, 0)), ()
        logits = self.net(n, condition, random)
        broken = self._broken(logits)
        logits = logits.nan_to_num(0.0, 0.0, 0.0) if len(broken) else logits
        return self.calibrators[group].transform(logits, random), broken

    def _broken(self, logits):
        """Mask of the cells, (n, d), that logits which are not finite stand for; () if all are."""
        wrong = ~logits.isfinite().numpy()
        if not wrong.any():
            return ()
        encoder, layout = self.encoder, self.encoder.layout
        mask = np.zeros((len(logits), len(encoder.blocks)), dtype=bool)
        mask[:, encoder.scalar_columns] = wrong[:, : layout.n_scalars]
        for j, start, width in zip(encoder.span_columns, layout.starts, layout.widths):
            pattern = j - len(encoder.blocks)
            columns = [j] if pattern < 0 else encoder.patterns[pattern].columns
            mask[:, columns] |= wrong[:, start : start + width].any(axis=1, keepdims=True)
        return mask


class ConditionalModel:
    """A tabular model with the conditions under which it generates rows of each class.

    Parameters
    ----------
    tabular : TabularModel
        Network and calibration.
    conditions : ConditionTable
        Conditions of each class and their frequencies.
    labels : ndarray of shape (n_classes,)
        Labels in the order of their class indices.
    """

    def __init__(self, tabular, conditions, labels):
        self.tabular, self.conditions, self.labels = tabular, conditions, labels
        #: State from which `warm_start` continues training; None without `warm_start`.
        self.checkpoint = None

    def install(self, net, groups=None):
        """Generate with this network from now on."""
        self.tabular.install(net, groups, self.conditions.sample)

    def sample(self, group, rng, out):
        """Fill `out` with rows of a class index."""
        condition = self.conditions.sample(group, len(out), rng)
        return self.tabular.sample(int(group), rng, out, condition)


def calibration_rows(width, n_classes, final=True):
    """Generated rows of a class on which calibration is fitted: fewer for wide tables.

    Parameters
    ----------
    width : int
        Width of an encoded row.
    n_classes : int
        Number of classes.
    final : bool, default=True
        Whether for the model that stays, not for one evaluation of early stopping.
    """
    affordable = CALIBRATION_NUMBERS // (max(width, 1) * n_classes)
    return int(np.clip(affordable, ROWS, 4 * ROWS)) if final else ROWS


def _even_parts(n):
    """Equal chunks of rows; an even number if there are several, to balance two threads."""
    count = -(-n // CHUNK_ROWS)
    count += count % 2 if count > 1 else 0
    edges = np.linspace(0, n, count + 1).astype(np.intp).tolist()
    return [slice(*ends) for ends in pairwise(edges)]


def reflect_into(x, lo, hi, rng):
    """Mirror values at the edges until they lie in [lo, hi]: clipping would pile them up there.

    Equal values, such as an atom of other classes, are spread over the range: mirrored they would
    be an atom where no class has one.
    """
    outside = np.flatnonzero((x < lo) | (x > hi))
    width = float(hi) - float(lo)
    if len(outside) and 0 < width < np.finfo(np.float64).max / 4:
        swing = np.mod(x[outside].astype(np.float64) - lo, 2 * width)
        swing = np.minimum(swing, 2 * width - swing)
        _, at, counts = np.unique(swing, return_inverse=True, return_counts=True)
        again = counts[at] > 1
        swing[again] = rng.uniform(0, width, size=np.count_nonzero(again))
        x[outside] = lo + swing

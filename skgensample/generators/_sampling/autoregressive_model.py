"""Sampling from an autoregressive network, column by column."""

import copy
from itertools import pairwise

import numpy as np
import torch

from .._training.likelihood import chain_losses
from .._training.single_thread import in_threads, single_threaded_torch
from .tabular_model import reflect_into

#: Rows generated at a time: activations fit the cache, and few calls contend for the GIL.
CHUNK_ROWS = 4_096
#: Generated rows of a class on which the offsets of its logits are fitted, and rounds of fitting.
CALIBRATION_ROWS, ROUNDS = 16_384, 6
#: Largest correction of a logit in one round.
LARGEST_STEP = 1.6
#: Chunks of this many rows are raked to the frequencies once more, in this many rounds: the
#: columns generated before differ from those of calibration by chance.
RAKED_ROWS, RAKED_ROUNDS = 1_024, 2


def fitted_offset(logits, wanted, rounds):
    """Offset of logits at which the mean probability of each code is its frequency.

    Iterative proportional fitting (raking, Deming and Stephan 1940).

    Parameters
    ----------
    logits : tensor of shape (n, k)
        Logits of rows of one class.
    wanted : ndarray of shape (k,)
        Frequencies.
    rounds : int
        Rounds of fitting.

    Returns
    -------
    tensor of shape (k,)
    """
    wanted = torch.as_tensor(wanted)
    offset = torch.zeros_like(logits[0])
    for _ in range(rounds if logits.isfinite().all() else 0):
        mean = torch.softmax(logits + offset, 1).mean(0).clamp(min=1e-12)
        offset += (wanted / mean).log().clamp(-LARGEST_STEP, LARGEST_STEP).to(offset.dtype)
    return offset


class AutoregressiveModel:
    """A trained network with everything that sampling rows needs; holds no training row.

    Parameters
    ----------
    encoder : BinEncoder
        How rows are encoded.
    ranges : ndarray of shape (n_classes, 2, d)
        Bounds of each column within each class; see `class_ranges`.
    frequencies : list of ndarray of shape (n_classes, n_codes)
        For each column, the frequency of each output code in each class.
    labels : ndarray of shape (n_classes,)
        Labels in the order of their class indices.
    """

    def __init__(self, encoder, ranges, frequencies, labels):
        self.encoder, self.ranges, self.frequencies = encoder, ranges, frequencies
        self.labels, self.net, self.offsets = labels, None, None
        #: State from which `warm_start` continues training; None without `warm_start`.
        self.checkpoint = None

    @property
    def order(self):
        """Positions of the columns in the order in which they are generated."""
        return self.encoder.order

    def install(self, net):
        """Generate with this network, and fit the offsets that keep the marginals of each class.

        Iterative proportional fitting, one column after the other on rows generated so far: the
        mean predicted probability of each code becomes its frequency in the class.
        """
        self.net = net
        self.offsets = [
            torch.zeros(shares.shape, dtype=torch.float32) for shares in self.frequencies
        ]
        with single_threaded_torch():
            for group in range(len(self.labels)):
                rng = np.random.RandomState(group)
                rows = self.begin(np.full(CALIBRATION_ROWS, group))
                for place in range(1, net.d):
                    logits = rows.logits(place)
                    if not logits.isfinite().all():
                        raise FloatingPointError(
                            "The trained network returns numbers that are not finite. Fit again "
                            "with another random_state or a lower learning_rate."
                        )
                    offset = fitted_offset(logits, self.frequencies[place - 1][group], ROUNDS)
                    self.offsets[place - 1][group] = offset
                    rows.draw(place, logits + offset, rng)

    def allows(self, condition):
        """Whether the column of a condition can have a value that satisfies it."""
        return self.encoder.blocks[self.order.index(condition.index)].allows(condition)

    def holds(self, j, values):
        """Which values column j can have."""
        return self.encoder.blocks[self.order.index(j)].holds(values)

    def begin(self, group):
        """Rows without a column yet, of the given class indices."""
        return GeneratedRows(self, np.asarray(group))

    def sample(self, group, rng, out):
        """Fill `out` with rows of a class index.

        Chunks are generated in parallel, each from its own seed, so the rows do not depend on the
        number of threads.
        """
        edges = np.linspace(0, len(out), -(-len(out) // CHUNK_ROWS) + 1).astype(np.intp).tolist()
        parts = [slice(*ends) for ends in pairwise(edges)]
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(parts))

        def fill(part, seed):
            rng = np.random.RandomState(seed)
            rows = self.begin(np.full(len(out[part]), group))
            for place in range(1, self.net.d):
                logits = rows.logits(place) + rows.offset(place)
                if len(logits) >= RAKED_ROWS:
                    wanted = self.frequencies[place - 1][group]
                    logits = logits + fitted_offset(logits, wanted, RAKED_ROUNDS)
                rows.draw(place, logits, rng)
            out[part] = rows.Z

        in_threads(fill, parts, seeds)
        return out

    def log_likelihood(self, Z, group):
        """Log-likelihood of encoded rows given their classes, in nats, of shape (n,)."""
        inputs, outputs = self.encoder.encode(Z, group)
        # in double precision: float32 products depend on the number of rows
        net = copy.deepcopy(self.net).double()
        with single_threaded_torch():
            codes = torch.as_tensor(inputs), torch.as_tensor(outputs)
            found = -chain_losses(net, *codes)[1:].sum(0).numpy()
        for place, (j, block) in enumerate(zip(self.order, self.encoder.blocks), 1):
            x = Z[:, j].astype(np.float64)
            known = block.log_density(x, inputs[:, place])
            # a value that repeats another column's has no density of its own
            found += np.where(outputs[:, place] >= block.n_inputs, 0.0, known)
        return found


class GeneratedRows:
    """Rows that are generated column by column.

    Parameters
    ----------
    model : AutoregressiveModel
        The model.
    group : ndarray of shape (n,) of int
        Class index of each row.

    Attributes
    ----------
    Z : ndarray of shape (n, d)
        Values of the columns generated so far.
    """

    def __init__(self, model, group):
        self.model, self.group = model, group
        net = model.net
        self.Z = np.empty((len(group), net.d - 1))
        self.x = torch.zeros(len(group), net.d, net.width, dtype=torch.float32)
        self.known = torch.zeros(len(group), net.d, dtype=torch.bool) if net.any_order else None
        self.is_calibrated = True
        self._fill(0, group)

    def _fill(self, place, codes):
        codes = torch.as_tensor(np.ascontiguousarray(codes, dtype=np.int64))
        self.x[:, place] = self.model.net.embed(codes, place)
        if self.known is not None:
            self.known[:, place] = True

    def logits(self, place):
        """Logits of one column given those generated so far."""
        return self.model.net.column(self.x, place, self.known)

    def offset(self, place):
        """Offsets of the logits of one column, for the class of each row.

        They are fitted in the model's own order, and 0 in any other.
        """
        if not self.is_calibrated:
            return 0.0
        return self.model.offsets[place - 1][torch.as_tensor(self.group)]

    def draw(self, place, logits, rng, condition=None):
        """Generate one column from its logits.

        With a condition, draws among what satisfies it, and returns its probability in each row.
        Cells whose logits are not finite become infinite, which the caller refuses.
        """
        broken = ~logits.isfinite().all(1)
        logits = logits.nan_to_num(0.0, 0.0, 0.0) if broken.any() else logits
        probability = torch.softmax(logits, 1).double().numpy()
        mass = None
        if condition is not None:
            probability, mass = self._restricted(place, probability, condition)
        edges = probability.cumsum(1)
        codes = (edges < rng.uniform(size=(len(edges), 1)) * edges[:, -1:]).sum(1)
        codes = codes.clip(max=edges.shape[1] - 1)
        self.set(place, codes, rng, condition)
        if broken.any():
            self.Z[broken.numpy(), self.model.order[place - 1]] = np.inf
        return mass

    def _restricted(self, place, probability, condition):
        """Probabilities of the codes together with the condition, and their sum."""
        block = self.model.encoder.blocks[place - 1]
        fractions = np.empty_like(probability)
        for g in np.unique(self.group):
            fractions[self.group == g] = block.fractions(condition, g)
        for i, k in enumerate(block.copied):  # equal to a value that satisfies the condition
            earlier = self.Z[:, self.model.order[k]]
            fractions[:, block.n_inputs + i] = condition.mask(earlier)
        joint = probability * fractions
        mass = joint.sum(1)
        # where the network rules out the condition: as the marginal has it
        joint[mass <= 0] = fractions[mass <= 0]
        return joint, mass

    def set(self, place, codes, rng, condition=None):
        """Fill in one column by its output codes."""
        block, j = self.model.encoder.blocks[place - 1], self.model.order[place - 1]
        inputs = codes
        for g in np.unique(self.group):
            rows = np.flatnonzero(self.group == g)
            values = block.decode(codes[rows], g, rng, condition)
            self.Z[rows, j] = self._limited(values, g, j, block, rng, condition)
        if block.copied:
            inputs = self._repeat(block, j, codes, condition)
        self._fill(place, inputs)

    def _limited(self, values, g, j, block, rng, condition):
        """Values of column j within the range of their class and the condition."""
        if condition is not None and condition.is_single:
            return np.full(len(values), condition.values[0])
        low, high = self.model.ranges[g, :, j]
        if condition is not None:
            if condition.values is not None or not block.is_continuous:
                return values
            first, last = condition.edges
            low, high = max(low, first), min(high, last)
        if low <= high:
            if block.is_continuous:
                reflect_into(values, low, high, rng)
            values = np.clip(values, low, high)
        return values if condition is None else condition.limited(values)

    def _repeat(self, block, j, codes, condition):
        """Values that repeat an earlier column's; returns the bins of all rows."""
        repeats = codes >= block.n_inputs
        low, high = self.model.ranges[self.group, :, j].T
        for i, k in enumerate(block.copied):
            values = self.Z[:, self.model.order[k]]
            inside = (values >= low) & (values <= high)
            inside = inside if condition is None else condition.mask(values)
            rows = (codes == block.n_inputs + i) & inside
            self.Z[rows, j] = values[rows]
        return np.where(repeats, block.encode(self.Z[:, j]), codes)

    def order(self, conditioned):
        """Order of columns; in any order the conditioned ones come first."""
        if not self.model.net.any_order:
            return self.model.order
        self.is_calibrated = False
        return [*conditioned, *(j for j in self.model.order if j not in set(conditioned))]

    def advance(self, j, condition, rng):
        """Generate column j; returns the probability of the condition in each row."""
        place = self.model.order.index(j) + 1
        with single_threaded_torch():
            return self.draw(place, self.logits(place) + self.offset(place), rng, condition)

    def give(self, j, values, rng):
        """Set column j to given values, NaN to be generated; returns their probabilities."""
        place = self.model.order.index(j) + 1
        block = self.model.encoder.blocks[place - 1]
        with single_threaded_torch():
            logits = self.logits(place) + self.offset(place)
            self.draw(place, logits, rng)
            given = ~np.isnan(values)
            self.Z[given, j] = values[given]
            codes = block.encode(self.Z[:, j])
            self._fill(place, codes)
        probability = torch.softmax(logits, 1).double().numpy()
        rows = np.arange(len(codes))
        mass = probability[rows, codes]
        for i, k in enumerate(block.copied):
            equal = self.Z[:, j] == self.Z[:, self.model.order[k]]
            mass = mass + equal * probability[:, block.n_inputs + i]
        return mass

    def take(self, index):
        """Keep the rows of the given indices, which may repeat."""
        self.Z, self.group = self.Z[index], self.group[index]
        index = torch.as_tensor(index)
        self.x = self.x[index]
        self.known = None if self.known is None else self.known[index]

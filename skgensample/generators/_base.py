"""What the adversarial samplers share: parameters, the training of two networks, the model."""

from itertools import pairwise, repeat
from numbers import Integral

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ._adversarial import TwoPlayerStep
from ._descent import flat_adam
from ._estimator import HIDDEN, NetworkTraining, refuse_large
from ._margins import ClassMargins, DrawnMargins
from ._nets import Critic, Generator, Head
from ._scope import one_thread
from ._shares import ROWS
from ._training import in_threads

#: Rows drawn at a time: what the network makes of them stays near the core, and the interpreter,
#: which only one thread can have, has little to do for each.
CHUNK_ROWS = 6_144

#: Numbers that are drawn of all classes for their margins, where rows are not too few then.
MARGIN_NUMBERS = 2**24


class AdversarialTraining(NetworkTraining):
    """Mixin of samplers that train a generator against a critic; reads their parameters."""

    _critic_dropout = 0.5
    _widths = ("generator_dim", "discriminator_dim")
    _training_constraints: dict = {
        **NetworkTraining._training_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "generator_dim": HIDDEN,
        "discriminator_dim": HIDDEN,
    }

    def _players(self, encoder, draw, n_conditions, objective, random):
        """Untrained generator and critic, and the step that trains them on batches of `draw`."""
        self._check_bytes(encoder, n_conditions, self._pac)
        width = encoder.layout.width
        generator = Generator(self.embedding_dim, self.generator_dim, width, n_conditions, random)
        critic = Critic(
            width,
            self.discriminator_dim,
            n_conditions,
            self._pac,
            random,
            dropout=self._critic_dropout,
        )
        head = Head(encoder.layout, random.device)
        generator.start_from(head.shares(draw.codes))
        optimizers = (
            flat_adam((critic.parameters(), self.learning_rate, 0.0)),
            flat_adam((generator.parameters(), self.learning_rate, 1e-6)),
        )
        return TwoPlayerStep(generator, critic, head, objective, draw, optimizers, random)

    def _check_bytes(self, encoder, n_conditions, pac):
        """Refuse networks too large."""
        width = encoder.layout.width
        inner = self.embedding_dim
        weights = (width + n_conditions) * pac * self.discriminator_dim[0]
        for dim in self.generator_dim:
            weights += (inner + n_conditions) * dim
            inner += dim
        weights += (inner + n_conditions) * width
        refuse_large(encoder, weights, self.batch_size * (width + inner))


class TabularModel:
    """A trained generator with all that drawing rows needs, and no training row.

    Without a network, because every column is constant, it repeats the constants.

    Parameters
    ----------
    encoder : BlockEncoder
        How rows are encoded.
    boxes : ndarray of shape (n_classes, 2, d)
        Bounds of each column within each class; see `class_boxes`.
    shares : ndarray of shape (n_classes, width of all spans)
        Share of each code in each class; see `class_shares`.
    quantiles : list of dict, default=()
        Margins of each class in columns encoded by their values; see `class_quantiles`.
    """

    def __init__(self, encoder, boxes, shares, quantiles=()):
        self.encoder, self.boxes, self.shares = encoder, boxes, shares
        self.quantiles = quantiles
        self.net, self.margins, self.drawn_margins = None, {}, {}

    @torch.no_grad()
    def install(self, net, groups=None, conditions=None):
        """Draw from this network from now on.

        Parameters
        ----------
        net : Generator
            Trained network, on the CPU.
        groups : iterable of int, default=None
            Class indices of which rows will be drawn for now; None for all, and to stay. Then the
            margins are fitted on up to four times as many rows.
        conditions : callable, default=None
            ``conditions(group, n, rng)`` gives the conditions of `n` rows of one class.
        """
        self.net, self.margins, self.drawn_margins = net, {}, {}
        n = ROWS if groups is not None else self._margin_rows()
        with one_thread():
            for group in range(len(self.boxes)) if groups is None else groups:
                random = torch.Generator().manual_seed(int(group))
                counts, given = np.diff([*range(0, n, ROWS), n]).tolist(), repeat(None)
                if conditions is not None:
                    rows = conditions(group, n, np.random.RandomState(group))
                    given = torch.as_tensor(rows).split(counts)
                logits = torch.cat([net(*part, random) for part in zip(counts, given)])
                shares = self.shares[group]
                self.margins[group] = ClassMargins(self.encoder, group, logits, shares)
                if any(self.quantiles):
                    rng = np.random.RandomState(group)
                    drawn = np.empty((n, self.boxes.shape[2]))
                    self._fill(drawn, self.margins[group].drawn(logits, random), group, rng)
                    self.drawn_margins[group] = DrawnMargins(drawn, self.quantiles[group])

    def _margin_rows(self):
        """Rows of a class on which its margins are fitted: fewer where there is much to draw."""
        affordable = MARGIN_NUMBERS // (max(self.encoder.layout.width, 1) * len(self.boxes))
        return int(np.clip(affordable, ROWS, 4 * ROWS))

    def draw(self, group, rng, out, condition=None):
        """Fill `out` with rows of one class, inside its box.

        Parts of at most 6,144 rows are drawn side by side, each from a seed of its own: the rows
        do not depend on the number of threads.

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
            codes = self._codes(len(out[part]), given, random, group)
            self._fill(out[part], codes, group, np.random.RandomState(seed[1]))

        in_threads(fill, parts, seeds)
        return out

    def _fill(self, out, codes, group, rng):
        """Decode scalars and codes of one class into `out`, inside its box."""
        self.encoder.decode(*codes, group, rng, out)
        self._bound(out, group)
        if group in self.drawn_margins:
            self.drawn_margins[group].place(out, rng)

    def _bound(self, out, group):
        """Bring numbers into the class's box."""
        for x, lo, hi, block in zip(out.T, *self.boxes[group], self.encoder.blocks):
            if block.n_scalars:
                _fold(x, lo, hi)
            np.clip(x, lo, hi, out=x)

    @torch.no_grad()
    def _codes(self, n, condition, random, group):
        """Scalars and codes of new rows; batch normalisation uses its running statistics."""
        if self.net is None:
            return np.empty((2, n, 0))
        return self.margins[group].drawn(self.net(n, condition, random), random)


def _even_parts(n):
    """Equal parts of rows, an even number where there are several: two threads end together."""
    count = -(-n // CHUNK_ROWS)
    count += count % 2 if count > 1 else 0
    edges = np.linspace(0, n, count + 1).astype(np.intp).tolist()
    return [slice(*ends) for ends in pairwise(edges)]


def _fold(x, lo, hi):
    """Mirror values at the edges until they lie in [lo, hi]: clipping would pile them up there."""
    outside = (x < lo) | (x > hi)
    width = float(hi) - float(lo)
    if outside.any() and 0 < width < np.finfo(np.float64).max / 4:
        swing = np.mod(x[outside].astype(np.float64) - lo, 2 * width)
        x[outside] = lo + np.minimum(swing, 2 * width - swing)


def class_boxes(Z, group, columns):
    """Least and largest value of each column within each class, (n_classes, 2, d).

    Categories have no order, hence no bounds. NaN where all of a class's cells are missing, and
    so will new ones be. A class of one row gets the bounds of the whole
    table: its own would be a copy of that row.
    """
    rows = [Z[group == g] for g in range(group.max() + 1)]
    rows = [part if len(part) > 1 else Z for part in rows]
    boxes = np.array([[np.fmin.reduce(part), np.fmax.reduce(part)] for part in rows])
    unordered = [c.index for c in columns if c.kind == "categorical"]
    boxes[:, :, unordered] = np.array([-np.inf, np.inf])[:, None]
    return boxes

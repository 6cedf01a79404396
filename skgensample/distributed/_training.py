"""A sampler trained on the core of a table, and its new rows in pieces."""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from .._runtime.memory import refuse_beyond
from .._runtime.random_streams import Streams
from ..base._valid_rows import fill_with_valid
from ..neighbors import NumbaRandomOverSampler
from ..neighbors._base import BaseNeighborSampler
from ..neighbors._pieces import pieces
from ..table import RowCodec
from ..table._witnesses import picked_rows
from ._personal import told_of_parts

#: Bytes of the encoded rows of one piece.
PIECE_BYTES = 32_000_000

#: Bytes of pairs, steps and intermediate results for each new row.
PLAN_BYTES = 32

#: Rows of a class up to which a generator draws them in one call, as it does in memory.
GENERATED_ROWS = 262_144


@dataclass(frozen=True)
class DrawnPiece:
    """Rows that a generator draws from a state of a random stream.

    Parameters
    ----------
    n : int
        Number of rows.
    state : tuple
        State of a RandomState.
    """

    n: int
    state: tuple

    def write(self, sampler, model, label, out, codec):
        """Fill `out` with the rows; under constraints, with valid ones."""
        rng = np.random.RandomState(0)
        rng.set_state(self.state)
        if codec.is_constrained:
            fill_with_valid(sampler, model, label, rng, out, codec, sampler._rest(model))
            return out
        return sampler._generate_rows(model, label, self.n, rng, out)


@dataclass(frozen=True)
class Recipe:
    """Everything that pieces of one class are made from; pure, and without the table.

    Parameters
    ----------
    sampler : BaseOverSampler
        The trained sampler.
    model : object
        What its `_fit_generator` returned, or the rows of it that are needed.
    codec : TableCodec or RowCodec
        Decodes the rows.
    label : label
        Class of the rows.
    shape : int
        Number of columns of encoded rows.
    dtype : dtype
        Of encoded rows.
    columns : list of Column or None
        Their descriptions.
    rows : frame or ndarray
        Rows that are repeated, where the codec encodes none.
    numbers : ndarray
        Global row numbers of the rows that plans refer to.
    """

    sampler: object
    model: object
    codec: object
    label: object
    shape: int
    dtype: np.dtype
    columns: object
    rows: object = None
    numbers: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __call__(self, piece):
        """Rows of one piece, in the table's own kind."""
        if self.rows is not None:
            return picked_rows(self.rows, piece.chosen)
        out = np.empty((piece.n, self.shape), self.dtype)
        inputs = (self.sampler, self.model, self.label, out)
        drawn = isinstance(piece, DrawnPiece)
        made = piece.write(*inputs, self.codec) if drawn else piece.write(*inputs)
        if made is not out:
            out[:] = made
        if not self.sampler._keeps_finite:
            self.sampler._check_finite(out, self.label, self.columns)
        return self.codec.decode(out)

    def parents(self, piece):
        """Global row numbers of the parents of each row, where the sampler has such."""
        return self.numbers[piece.parents()]


class Trained:
    """A sampler trained on a core.

    Parameters
    ----------
    reader : Reader
        Of which the first pass is done.
    core : Core
        The rows that decide.

    Attributes
    ----------
    sampler : BaseOverSampler
        The fitted sampler.
    counts : dict
        Rows to generate of each class.
    keeps_given : bool
        Whether the given rows come before them.
    """

    def __init__(self, reader, core):
        self.sampler, self.core = reader.sampler, core
        self.keeps_given = self.sampler._keeps_given()
        self.counts = dict(reader.wanted)
        if not self.keeps_given:
            added = self.counts
            self.counts = {c: n + added.get(c, 0) for c, n in reader.counts.items()}
        n = sum(self.counts.values())
        refuse_beyond(
            n * PLAN_BYTES,
            f"The plan of {n:,} new rows",
            "ask for fewer with sampling_strategy, or give more memory.",
            limit=reader.memory,
        )
        self._fit(reader)

    def _fit(self, reader):
        """Encode the core and train, as `fit_resample` does."""
        sampler, codec = self.sampler, reader.codec
        sampler.sampling_strategy_ = dict(reader.wanted)
        if reader.facts is not None:
            codec.trusted = reader.judged
            sampler._codec, sampler._groups = lambda: codec, reader.groups
        try:
            with told_of_parts():
                _, target, self.codec, self.Z, _ = sampler._encode(self.core.X, self.core.labels)
        finally:
            vars(sampler).pop("_codec", None)
            vars(sampler).pop("_groups", None)
        self.columns = None if sparse.issparse(self.Z) else self.codec.columns
        self.streams = Streams(sampler.random_state)
        rng = self.streams.training() if sampler._trains else None
        self.model = sampler._fit_generator(self.Z, target.labels, self.columns, rng)
        sampler._remember(self.model, target, self.codec)
        self.dtype = target.labels.dtype

    def recipes(self):
        """For each class, what its rows are made from, and its pieces.

        Yields
        ------
        recipe : Recipe
        pieces : list
            Arguments of the recipe; each has a number of rows `n`.
        """
        size = max(1, PIECE_BYTES // (8 * self.Z.shape[1]))
        repeated = self.core.X if isinstance(self.codec, RowCodec) else None
        facts = (self.Z.shape[1], self.Z.dtype, self.columns, repeated)
        for label, n in self.counts.items():
            if not n:
                continue
            rng = self.streams.next()
            model, numbers = self.model, self.core.numbers
            if isinstance(self.sampler, BaseNeighborSampler | NumbaRandomOverSampler):
                model, made = pieces(self.sampler, model, label, n, rng, size)
                numbers = numbers[getattr(model, "numbers", slice(None))]
            else:
                made = _drawn_pieces(n, rng)
                numbers = np.empty(0, dtype=np.int64)
            model = None if repeated is not None else model
            yield Recipe(self.sampler, model, self.codec, label, *facts, numbers), made


def _drawn_pieces(n, rng):
    """Pieces of a generator's rows: the first from the class's stream, others from derived ones."""
    made = [DrawnPiece(min(n, GENERATED_ROWS), rng.get_state())]
    words = np.random.RandomState(rng.randint(2**31 - 1))
    for start in range(GENERATED_ROWS, n, GENERATED_ROWS):
        own = np.random.RandomState(words.randint(2**31 - 1))
        made.append(DrawnPiece(min(GENERATED_ROWS, n - start), own.get_state()))
    return made

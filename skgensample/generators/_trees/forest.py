"""A few bagged trees that predict one column from the label and the columns before it."""

from dataclasses import dataclass

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .leaves import LeafValues
from .linear import LinearScore, main_directions

#: Rows on which a tree is grown, at most; all rows fill its leaves.
GROWING_ROWS = 50_000
#: Beyond so many levels, trees are grown on random projections of the levels' indicators.
MAX_LEVELS, PROJECTIONS = 32, 16
#: Trees on fewer rows are given a linear prediction, too.
LINEAR_ROWS = 4_000
#: Rows whose leaves are looked up at once.
BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class GrowingOptions:
    """How trees are grown.

    Parameters
    ----------
    n_trees : int
        Trees of a column.
    min_samples_leaf : int
        Rows of a leaf, at least.
    smoothing : bool
        Whether values of continuous columns move towards the next ones in the leaf.
    """

    n_trees: int
    min_samples_leaf: int
    smoothing: bool = True


class ColumnTarget:
    """What trees of one column are grown to predict.

    Numbers are predicted by their ranks, together with an indicator of missing cells; categories by
    their indicators (Gini impurity), or by random projections of them where they are many.

    Parameters
    ----------
    codes : ndarray of shape (n,) of int
        Codes of the column.
    support : ColumnSupport
        Its values.
    categorical : bool
        Whether codes have no order.
    rng : RandomState
        Source of the projections.
    """

    def __init__(self, codes, support, categorical, rng):
        self.codes, self.n_codes = codes, support.n_codes
        self.classify = categorical and support.n_codes <= MAX_LEVELS
        if self.classify:
            self.by_code = np.eye(support.n_codes)
        elif categorical:
            signs = rng.choice([-1.0, 1.0], size=(support.n_codes, PROJECTIONS))
            self.by_code = signs / np.sqrt(PROJECTIONS)
        else:
            self.by_code = ranks_of_codes(codes, support)

    def grow(self, features, rows, weights, min_samples_leaf, seed):
        """A tree of scikit-learn, grown on some rows."""
        kind = DecisionTreeClassifier if self.classify else DecisionTreeRegressor
        learner = kind(min_samples_leaf=min_samples_leaf, random_state=seed)
        wanted = self.codes[rows] if self.classify else self.by_code[self.codes[rows]]
        return learner.fit(features[rows], wanted, sample_weight=weights).tree_

    def level_means(self, levels, n_levels):
        """Mean target of the rows of each level of another column, and the number of rows."""
        if n_levels * self.n_codes <= 4 * len(levels):
            cells = np.bincount(
                levels * self.n_codes + self.codes, minlength=n_levels * self.n_codes
            )
            sums = cells.reshape(n_levels, self.n_codes) @ self.by_code
        else:
            shown = self.by_code[self.codes].T
            sums = np.column_stack([np.bincount(levels, one, n_levels) for one in shown])
        counts = np.bincount(levels, minlength=n_levels)
        return sums / np.maximum(counts, 1)[:, None], counts


def ranks_of_codes(codes, support):
    """Middle rank of each code, in [0, 1], and an indicator of the missing one if there is one."""
    seen = np.bincount(codes, minlength=support.n_codes)[: support.n_values]
    ranks = (np.cumsum(seen) - seen / 2) / max(seen.sum(), 1)
    if support.n_codes == support.n_values:
        return ranks[:, None]
    missing = np.append(np.zeros(support.n_values), 1.0)
    return np.column_stack([np.append(ranks, 0.5), missing])


def level_order(means, counts):
    """Position of each level, so that levels with like targets are next to each other.

    With one target this is the order of its means, in which the best split of a regression tree is
    found (Breiman et al. 1984); else that of the first principal component of the means
    (Coppersmith, Hong, Hosking 1999).
    """
    centred = means - counts @ means / counts.sum()
    if centred.shape[1] > 1:
        centred = centred @ main_directions(centred * np.sqrt(counts)[:, None], 1)
    middle = np.where(counts > 0, centred[:, 0], 0)
    position = np.empty(len(counts), dtype=np.float32)
    position[np.argsort(middle, kind="stable")] = np.arange(len(counts))
    return position


class ColumnForest:
    """Bagged trees of one column, with the column's training values in their leaves.

    Parameters
    ----------
    predictors : list of (codes, n_levels, ranks)
        The class index, then the columns before this one: codes of shape (n,); the number of codes
        where these have no order, else 0; for numbers the ranks of the codes.
    target : ColumnTarget
        What is predicted.
    n_classes : int
        Number of classes.
    options : GrowingOptions
        Number of trees, rows of a leaf.
    rng : RandomState
        Source of the bootstrap samples.
    """

    def __init__(self, predictors, target, n_classes, options, rng):
        codes, n_levels, ranks = zip(*predictors)
        group, self.linear, least = codes[0], None, options.min_samples_leaf
        if len(codes) > 1 and len(group) < LINEAR_ROWS:
            self.linear = LinearScore(codes, n_levels, ranks, target)
        self.orders = [
            level_order(*target.level_means(own, n)) if n else None
            for own, n in zip(codes, n_levels)
        ]
        features = self.features(codes)
        self.trees, self.leaves = [], []
        for _ in range(options.n_trees):
            rows, weights = bootstrap(len(group), rng)
            tree = target.grow(features, rows, weights, least, rng.randint(2**31 - 1))
            place, n_leaves = leaf_numbers(tree)
            leaf = place[nodes_of(tree, features)]
            shape = n_leaves, n_classes, target.n_codes
            self.leaves.append(LeafValues(leaf, group, target.codes, shape, least))
            self.trees.append((tree, place))

    def features(self, codes):
        """Predictors as scikit-learn's trees take them, shape (n, n_features)."""
        extra = None if self.linear is None else self.linear.predict(codes)
        width = len(codes) + (0 if extra is None else extra.shape[1])
        made = np.empty((len(codes[0]), width), dtype=np.float32)
        for j, (own, order) in enumerate(zip(codes, self.orders)):
            made[:, j] = own if order is None else order[own]
        if extra is not None:
            made[:, len(codes) :] = extra
        return made

    def draw(self, codes, g, rng, taste):
        """Draw codes of new rows of one class.

        Parameters
        ----------
        codes : list of ndarray of shape (n,) of int
            Codes of the predictors.
        g : int
            Class index of all rows.
        rng : RandomState
            Source.
        taste : Taste
            Which codes may be drawn.

        Returns
        -------
        codes : ndarray of shape (n,) of int
            -1 where the probability is 0.
        probability : ndarray of shape (n,)
            Probability that a code is a wanted one, the mean over the trees.
        """
        features, n = self.features(codes), len(codes[0])
        if taste.wanted is None:
            pick, probability = rng.randint(len(self.trees), size=n), np.ones(n)
        else:
            pick, probability = self._weighed(features, g, rng, taste)
        drawn = np.full(n, -1, dtype=np.int32)
        for t, leaves in enumerate(self.leaves):
            rows = np.flatnonzero(pick == t)
            drawn[rows] = leaves.pools(self.leaf(t, features[rows]), g, taste).draw(rng)
        return drawn, probability

    def leaf(self, t, features):
        """Leaves of rows in one tree."""
        tree, place = self.trees[t]
        return place[tree.apply(features)]

    def _weighed(self, features, g, rng, taste):
        """A tree for each row, with the trees' probabilities of a wanted code; and their mean."""
        found = np.column_stack(
            [
                leaves.pools(self.leaf(t, features), g, taste).probability
                for t, leaves in enumerate(self.leaves)
            ]
        )
        edges = np.cumsum(found, axis=1)
        draws = rng.uniform(size=len(found)) * edges[:, -1]
        return (edges[:, :-1] <= draws[:, None]).sum(axis=1), found.mean(axis=1)


def bootstrap(n, rng):
    """Rows of a bootstrap sample, each once, and how often they were drawn."""
    counts = np.bincount(rng.randint(n, size=min(n, GROWING_ROWS)), minlength=n)
    rows = np.flatnonzero(counts)
    return rows, counts[rows].astype(np.float64)


def leaf_numbers(tree):
    """Number of each node among the leaves, and the number of leaves."""
    is_leaf = tree.children_left < 0
    return np.cumsum(is_leaf) - 1, int(is_leaf.sum())


def nodes_of(tree, features):
    """Leaf node of each row, looked up block by block."""
    starts = range(0, len(features), BLOCK_ROWS)
    return np.concatenate([tree.apply(features[i : i + BLOCK_ROWS]) for i in starts])

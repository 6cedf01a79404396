"""A few bagged trees that predict one column from the label and the columns before it."""

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .leaves import LeafValues

#: Rows on which a tree is grown, at most; all rows fill its leaves.
GROWING_ROWS = 200_000
#: Beyond so many levels, trees are grown on random projections of the levels' indicators.
MAX_CLASSES, PROJECTIONS = 32, 16
#: Rows whose leaves are looked up at once.
BLOCK_ROWS = 65_536


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
        counts = np.bincount(codes, minlength=support.n_codes)
        self.classify = categorical and support.n_codes <= MAX_CLASSES
        if self.classify:
            self.by_code = np.eye(support.n_codes)
        elif categorical:
            signs = rng.choice([-1.0, 1.0], size=(support.n_codes, PROJECTIONS))
            self.by_code = signs / np.sqrt(PROJECTIONS)
        else:
            self.by_code = ranks_of_codes(counts, support.n_values)
        self.codes = codes

    def grow(self, features, rows, weights, min_samples_leaf, seed):
        """A tree of scikit-learn, grown on some rows."""
        kind = DecisionTreeClassifier if self.classify else DecisionTreeRegressor
        learner = kind(min_samples_leaf=min_samples_leaf, random_state=seed)
        wanted = self.codes[rows]
        if not self.classify:
            wanted = self.by_code[wanted]
        return learner.fit(features[rows], wanted, sample_weight=weights).tree_

    def level_means(self, levels, n_levels):
        """Mean target of the rows of each level of another column, and the number of rows."""
        n_codes, n_targets = self.by_code.shape
        if n_levels * n_codes <= 4 * len(levels):
            cells = np.bincount(levels * n_codes + self.codes, minlength=n_levels * n_codes)
            sums = cells.reshape(n_levels, n_codes) @ self.by_code
        else:
            shown = self.by_code[self.codes]
            sums = np.column_stack(
                [np.bincount(levels, shown[:, k], minlength=n_levels) for k in range(n_targets)]
            )
        counts = np.bincount(levels, minlength=n_levels)
        return sums / np.maximum(counts, 1)[:, None], counts


def ranks_of_codes(counts, n_values):
    """Middle rank of each code, in [0, 1], and an indicator of the missing one if it occurs."""
    seen = counts[:n_values]
    ranks = (np.cumsum(seen) - seen / 2) / max(seen.sum(), 1)
    if len(counts) == n_values:
        return ranks[:, None]
    missing = np.append(np.zeros(n_values), 1.0)
    return np.column_stack([np.append(ranks, 0.5), missing])


def level_order(means, counts):
    """Position of each level, so that levels with like targets are next to each other.

    With one target this is the order of its means, in which the best split of a regression tree is
    found (Breiman et al. 1984); else that of the first principal component of the means
    (Coppersmith, Hong, Hosking 1999).
    """
    if means.shape[1] > 1:
        centred = means - counts @ means / counts.sum()
        weighted = centred * np.sqrt(counts)[:, None]
        means = centred @ np.linalg.svd(weighted, full_matrices=False)[2][0]
    else:
        means = means[:, 0]
    position = np.empty(len(counts), dtype=np.float32)
    position[np.argsort(np.where(counts > 0, means, np.median(means)), kind="stable")] = np.arange(
        len(counts)
    )
    return position


class ColumnForest:
    """Bagged trees of one column, with the column's training values in their leaves.

    Parameters
    ----------
    codes : list of ndarray of shape (n,) of int
        Codes of the predictors: the class index, then the columns before this one.
    n_levels : list of int
        Number of codes of each predictor without an order, 0 for numbers.
    target : ColumnTarget
        What is predicted.
    shape : tuple of int
        Numbers of classes and of codes of the column.
    options : GrowingOptions
        Number of trees, rows of a leaf, weights.
    rng : RandomState
        Source of the bootstrap samples.
    """

    def __init__(self, codes, n_levels, target, shape, options, rng):
        self.orders = [
            level_order(*target.level_means(levels, n)) if n else None
            for levels, n in zip(codes, n_levels)
        ]
        features, group = self.features(codes), codes[0]
        self.trees, self.leaves = [], []
        for _ in range(options.n_trees):
            rows, weights = bootstrap(len(group), group, options, rng)
            seed = rng.randint(2**31 - 1)
            tree = target.grow(features, rows, weights, options.min_samples_leaf, seed)
            place, n_leaves = leaf_numbers(tree)
            leaf = place[in_blocks_applied(tree, features)]
            sizes = n_leaves, *shape
            self.leaves.append(
                LeafValues(leaf, group, target.codes, sizes, options.min_samples_leaf)
            )
            self.trees.append((tree, place))

    def features(self, codes):
        """Predictors as scikit-learn's trees take them, shape (n, n_predictors)."""
        made = np.empty((len(codes[0]), len(codes)), dtype=np.float32)
        for j, (own, order) in enumerate(zip(codes, self.orders)):
            made[:, j] = own if order is None else order[own]
        return made

    def draw(self, features, group, rng, allowed, wanted=None):
        """Codes of new rows, and the probability that a code is a wanted one.

        Parameters
        ----------
        features : ndarray of shape (n, n_predictors)
            From `features`.
        group : ndarray of shape (n,) of int
            Class index of each row.
        rng : RandomState
            Source.
        allowed : list of ndarray of shape (n_codes,) of bool
            For each class, the codes that other classes may lend to it; None for all.
        wanted : ndarray of shape (n_codes,) of bool, default=None
            Codes of which one is to be drawn; None for all.

        Returns
        -------
        codes : ndarray of shape (n,) of int
            -1 where the probability is 0.
        probability : ndarray of shape (n,)
            Mean over the trees.
        """
        codes = np.full(len(group), -1, dtype=np.int32)
        probability = np.ones(len(group))
        for g in np.unique(group).tolist():
            rows = np.flatnonzero(group == g)
            pick = rng.randint(len(self.trees), size=len(rows)) if wanted is None else None
            if wanted is not None:
                pick, probability[rows] = self._weighed(
                    features[rows], g, rng, allowed[g], wanted
                )
            for t, leaves in enumerate(self.leaves):
                mine = rows[pick == t]
                pools = leaves.pools(self._leaf(t, features[mine]), g, allowed[g], wanted)
                position = pools.draw(rng)
                codes[mine] = np.where(position < 0, -1, leaves.codes[position])
        return codes, probability

    def _leaf(self, t, features):
        tree, place = self.trees[t]
        return place[tree.apply(features)]

    def _weighed(self, features, g, rng, allowed, wanted):
        """A tree for each row, with the trees' probabilities of a wanted code; and their mean."""
        found = np.column_stack(
            [
                leaves.pools(self._leaf(t, features), g, allowed, wanted).probability
                for t, leaves in enumerate(self.leaves)
            ]
        )
        edges = np.cumsum(found, axis=1)
        draws = rng.uniform(size=len(found)) * edges[:, -1]
        return (edges[:, :-1] <= draws[:, None]).sum(axis=1), found.mean(axis=1)


def bootstrap(n, group, options, rng):
    """Rows of a bootstrap sample, each once, and how often they were drawn."""
    drawn = rng.randint(n, size=min(n, GROWING_ROWS))
    counts = np.bincount(drawn, minlength=n)
    rows = np.flatnonzero(counts)
    weights = counts[rows].astype(np.float64)
    if options.balance:
        sizes = np.bincount(group)
        weights *= (n / sizes[group[rows]]) ** options.balance
    return rows, weights


def leaf_numbers(tree):
    """Number of each node among the leaves, and the number of leaves."""
    is_leaf = tree.children_left < 0
    return np.cumsum(is_leaf) - 1, int(is_leaf.sum())


def in_blocks_applied(tree, features):
    """Node of each row, looked up block by block."""
    starts = range(0, len(features), BLOCK_ROWS)
    return np.concatenate([tree.apply(features[i : i + BLOCK_ROWS]) for i in starts])

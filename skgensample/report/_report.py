"""`QualityReport`: measures of a synthetic table, their verdict, and a page that shows them."""

import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.utils import check_random_state

from .._typing import FilePath, MatrixLike, Schema, Seed
from ._fidelity import CLASSIFIER_ROWS, PAIR_ROWS, SQUARE_ROWS, Fidelity
from ._given import MOST_ROWS, Tables, declared, without
from ._judgement import WORDS, verdict
from ._measure import clean
from ._page import fragment, page, shown
from ._pictures import pictures
from ._privacy import CANDIDATES, SEARCHED_ROWS, Privacy
from ._utility import TRAINING_ROWS, Utility

#: Steps of a report, for the progress bar.
STEPS = 13


class QualityReport:
    """Fidelity, utility and privacy of a synthetic table, each next to reference rows.

    The reference rows are real rows, which show what a perfect generator reaches, and real rows
    with each column shuffled, which keep every column and lose all dependence. It is computed
    at once, in steps; `print` shows the verdict, `save` writes a page, `to_dict` gives the numbers.

    Parameters
    ----------
    real : {array-like, frame} of shape (n, d)
        Rows on which the generator was trained, the label among the columns.
    synthetic : {array-like, frame} of shape (m, d)
        Synthetic rows: same kind and columns.
    target : object, default=None
        Name of the column (position, in an array) that a model is to predict, for the utility. None
        measures none.
    holdout : {array-like, frame} of shape (k, d), default=None
        Real rows that the generator was not trained on. None splits `real` in two at random, so
        that the utility is not judged, and no attack on membership can be tried.
    ignore : list, default=()
        Columns (names, or positions in an array) that are left out, such as names and numbers of
        people, which are to be made up and not to be like the real ones.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected, as of samplers; see `table_schema`. Columns
        called personal or an identifier are left out, categories are compared level by level, and
        other columns are compared though they look like numbers of people.
    sampler_name : str, default=None
        Name shown in the title.
    random_state : int, default=0
        Seed of samples, folds and models: the same seed gives the same report.
    progress : bool, default=None
        Whether to show a progress bar on standard error, if tqdm is installed. None shows one on a
        terminal.

    Attributes
    ----------
    measures : dict of str to Measure
        Each measure by its key, such as ``"fidelity.c2st"``: `value`; `holdout` and
        `independent`, of the reference rows; `low`, `high`, `better` and `sentence`.
    verdict : dict
        A summary; level and sentence of fidelity, utility and privacy.
    counts : dict
        Rows and columns given.
    seconds : dict
        Duration of each part.
    notes : list of str
        What could not be measured, and why.
    reproduce : dict
        Call, versions and numbers of rows.

    Raises
    ------
    ValueError
        If the tables have different columns, `target` is none of them, or columns identify people
        or rows, whose comparison says nothing.
    TypeError
        If a column's type is not supported.

    See Also
    --------
    skgensample.metrics.c2st_auroc : One of the measures, as a function.

    Notes
    -----
    Of tables of more than 100,000 rows, as many are sampled. The two-sample test looks at 10,000
    rows of each table, alpha-precision at 10,000, beta-recall at 2,500, errors of pairs at 50,000,
    attacks at 50,000 training rows and 10,000 candidates, and models are trained on 20,000.

    Fidelity compares with `holdout`: the synthetic rows, and `real` as the reference, so that rows
    which stay close to the training rows do not look better than real ones. Rules are looked for
    as by `suggest_constraints`, among 20,000 rows and 100 columns, and kept if no real row breaks
    them. The mean error of columns is one minus the mean KS or TV complement, and the other
    measures are those of :mod:`skgensample.metrics`. The utility is that of boosted trees, tested
    on the held-out rows. The reconstruction attack [1]_ looks for lines
    through three or more synthetic rows, which interpolation makes, and for the points in which
    they meet, which are training rows.

    Measures of privacy say what the attacks tried have found. They are no guarantee that others
    find nothing.

    References
    ----------
    .. [1] G. Ganev, R. Nazari, R. Davison, A. Dizche, X. Wu, R. Abbey, J. Silva, E. De Cristofaro,
       "SMOTE and mirrors: exposing privacy leakage from synthetic minority oversampling", ICLR
       2026, arXiv 2510.15083.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample import QualityReport
    >>> rng = np.random.RandomState(0)
    >>> train, holdout = rng.multivariate_normal([0, 0], [[1, .9], [.9, 1]], size=(2, 500))
    >>> report = QualityReport(train, train[rng.permutation(500)], holdout=holdout)
    >>> report.verdict["privacy"]["level"]
    'bad'
    >>> report.check({"privacy.copies": .01})
    ['privacy.copies is 1.000, and at most 0.010 is wanted']
    """

    _fidelity: Any
    _utility: Any
    _privacy: Any

    def __init__(
        self,
        real: MatrixLike,
        synthetic: MatrixLike,
        *,
        target: Any = None,
        holdout: MatrixLike | None = None,
        ignore: Sequence[Any] = (),
        schema: Schema = None,
        sampler_name: str | None = None,
        random_state: Seed = 0,
        progress: bool | None = None,
    ) -> None:
        self.sampler_name, self.random_state = sampler_name, random_state
        rng, began = check_random_state(random_state), time.monotonic()
        self.seconds = {}
        with _Steps(progress) as steps:
            steps("encoding")
            kinds, ignore = declared(real, schema, ignore)
            real, synthetic, holdout = (
                without(table, ignore) for table in (real, synthetic, holdout)
            )
            self._tables = Tables(real, synthetic, holdout, target, rng, kinds)
            for name, kind in (("fidelity", Fidelity), ("utility", Utility), ("privacy", Privacy)):
                start = time.monotonic()
                setattr(self, f"_{name}", kind(self._tables, rng, steps))
                self.seconds[name] = time.monotonic() - start
        self.seconds["total"] = time.monotonic() - began
        parts = (self._fidelity, self._utility, self._privacy)
        self.measures = {one.key: one for part in parts for one in part.measures}
        self.counts = {"columns": len(self._tables.columns), **self._counts()}
        self.notes = self._notes()
        utility = self._utility
        why = {"utility": utility.unjudged, "privacy": " ".join(self._privacy.notes[:1])}
        if "utility.score" not in self.measures:
            why["utility"] = utility.note
        self.verdict = verdict(self.measures, why, self._fidelity.rules)
        if len(ignore):
            self.notes.append(f"Left out: {', '.join(map(str, ignore))}.")
        self.reproduce = self._reproduction(target, holdout, ignore, kinds)

    def _counts(self):
        given = self._tables.given
        if self._tables.is_split:
            half = given["real"] // 2
            return {**given, "real": given["real"] - half, "holdout": half}
        return given

    def _notes(self):
        """What a reader has to know about the rows."""
        found = []
        if self._tables.is_split:
            found.append(
                "No held-out rows were given: the real rows were split in two halves at random, "
                "and the second half stands for held-out rows. If the generator was trained on it, "
                "fidelity and utility look too good, and no attack on membership can be tried."
            )
        if max(self._tables.given.values()) > MOST_ROWS:
            found.append(f"Of tables of more than {MOST_ROWS:,} rows, as many were sampled.")
        return found + self._utility.notes

    def _reproduction(self, target, holdout, ignore, kinds):
        own = sys.modules["skgensample"].__version__
        named = "" if target is None else f", target={target!r}"
        named += "" if holdout is None else ", holdout=holdout"
        named += f", ignore={list(ignore)!r}" if len(ignore) else ""
        named += f", schema={_as_text(kinds)!r}" if kinds else ""
        return {
            "call": f"QualityReport(real, synthetic{named}, random_state={self.random_state!r})",
            "random_state": self.random_state if isinstance(self.random_state, int) else None,
            "versions": {
                "skgensample": own,
                "scikit-learn": sklearn.__version__,
                "numpy": np.__version__,
                "Python": platform.python_version(),
            },
            "rows": (
                f"Rows looked at, at most: columns {MOST_ROWS:,}, pairs {PAIR_ROWS:,}, two-sample "
                f"test {CLASSIFIER_ROWS:,}, coverage {SQUARE_ROWS:,}, training of models "
                f"{TRAINING_ROWS:,}, attacks {SEARCHED_ROWS:,} and {CANDIDATES:,} candidates."
            ),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a dict that JSON can hold.

        Returns
        -------
        dict
            Verdict, counts, seconds, measures by key, worst columns and pairs, scores by training
            rows and class, notes, and how to reproduce it. None stands for what was not measured.
        """
        return {
            "sampler": self.sampler_name,
            "verdict": self.verdict,
            "counts": self.counts,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "measures": {key: one.to_dict() for key, one in self.measures.items()},
            "worst_columns": self._fidelity.worst_columns(),
            "worst_pairs": self._fidelity.worst_pairs(),
            "rules": self._fidelity.rules.found,
            "utility": {
                "scores": {name: clean(value) for name, value in self._utility.scores.items()},
                "classes": self._utility.classes,
                "note": self._utility.note,
            },
            "notes": [*self.notes, *self._privacy.notes],
            "reproduce": self.reproduce,
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the report as JSON.

        Parameters
        ----------
        indent : int, default=2
            Spaces of a level.

        Returns
        -------
        text : str
            What `to_dict` returns.
        """
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def check(self, limits: Mapping[str, Any]) -> list[str]:
        """Compare measures with limits, for a test or a pipeline.

        Parameters
        ----------
        limits : dict of str to float
            Limit of each measure by its key: the highest value allowed where lower is better, else
            the lowest.

        Returns
        -------
        failures : list of str
            A sentence for each measure that fails; empty if none does. What was not measured
            fails.

        Raises
        ------
        ValueError
            If no measure has such a key.
        """
        known = {**self.measures, **dict.fromkeys(set(_ALL) - set(self.measures))}
        unknown = sorted(set(limits) - set(known))
        if unknown:
            raise ValueError(f"No measure is called {unknown[0]!r}: one of {', '.join(_ALL)}.")
        failures = []
        for key, limit in limits.items():
            one = self.measures.get(key)
            if one is None:
                failures.append(f"{key} was not measured")
            elif one.fails(limit):
                side = "at most" if one.better == "lower" else "at least"
                failures.append(f"{key} is {shown(one.value)}, and {side} {limit:.3f} is wanted")
        return failures

    def save(self, path: FilePath) -> None:
        """Write the report as a web page of one file, or as JSON if the path ends in ``.json``.

        Parameters
        ----------
        path : str or path-like
            Where to.
        """
        path = Path(os.fspath(path))
        as_json = path.suffix.lower() == ".json"
        text = self.to_json() if as_json else page(self, self._pictures())
        path.write_text(text, encoding="utf-8")

    def _pictures(self):
        """Pictures, drawn once; None without matplotlib."""
        if find_spec("matplotlib") is None:
            return None
        if "_drawn" not in vars(self):
            self._drawn = pictures(self)
        return self._drawn

    def _repr_html_(self):
        return fragment(self, self._pictures())

    def __repr__(self):
        named = f": {self.sampler_name}" if self.sampler_name else ""
        lines = [f"Quality of synthetic rows{named}", self.verdict["summary"], ""]
        for part in ("fidelity", "utility", "privacy"):
            found = self.verdict[part]
            guarantee = " (not a guarantee)" if part == "privacy" else ""
            lines.append(
                f"{part.capitalize()}{guarantee}: {WORDS[found['level']]}. {found['sentence']}"
            )
        lines += ["", f"{'':<50}{'synthetic':>10}{'real':>10}{'independent':>13}"]
        for one in self.measures.values():
            values = (shown(value) for value in (one.value, one.holdout, one.independent))
            lines.append("{:<50}{:>10}{:>10}{:>13}".format(one.label[:49], *values))
        return "\n".join([*lines, *self.notes])


def _as_text(kinds):
    """Kinds of columns as a user writes them."""
    return {name: getattr(kind, "kind", kind) for name, kind in kinds.items()}


#: Every measure that a report may have.
_ALL = (
    *(f"fidelity.{name}" for name in ("columns", "pairs", "c2st", "alpha", "beta", "rules")),
    "utility.score",
    *(
        f"privacy.{name}"
        for name in ("copies", "closest", "membership", "membership_tpr", "reconstructed")
    ),
)


class _Steps:
    """A progress bar of the steps, if it is wanted and tqdm is installed."""

    def __init__(self, wanted):
        self.bar = None
        wanted = sys.stderr.isatty() if wanted is None else wanted
        if wanted and find_spec("tqdm") is not None:
            from tqdm import tqdm

            self.bar = tqdm(total=STEPS, unit="step", file=sys.stderr)

    def __call__(self, what):
        """Begin a step."""
        if self.bar is not None:
            self.bar.set_postfix_str(what)
            self.bar.update()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.bar is not None:
            self.bar.close()

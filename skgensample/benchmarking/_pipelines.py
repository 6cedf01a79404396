"""The pipelines of the benchmark: imputation, sampler, encoding, scaling, learner, in order.

Every step is fitted on the training window only, and the sampler runs in ``fit`` only.
"""

from imblearn.pipeline import Pipeline
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

__all__ = ["TableSteps", "build_pipeline"]

#: Levels of a category beyond this number, the rarest ones, share a column.
MAX_LEVELS = 50


class TableSteps:
    """Imputation and one-hot encoding, as far as a table needs them.

    Parameters
    ----------
    X : {ndarray, pandas.DataFrame} of shape (n_samples, n_features)
        The whole table: only its column types, and which columns have missing cells, are read.

    Attributes
    ----------
    categorical : list
        Columns of text, categories or objects.
    numeric : bool
        Whether there are other columns.
    incomplete : list
        Columns with missing cells.
    """

    def __init__(self, X):
        if hasattr(X, "columns"):
            types = {name: dtype.kind for name, dtype in zip(X.columns, X.dtypes)}
            self.categorical = [name for name, kind in types.items() if kind not in "iufb"]
            self.incomplete = [name for name in X.columns if X[name].isna().any()]
        else:
            self.categorical = []
            self.incomplete = [j for j in range(X.shape[1]) if (X[:, j] != X[:, j]).any()]
        self.numeric = len(self.categorical) < X.shape[1]

    def steps(self, sampler, takes_categories):
        """Named steps: sampler (None for none), with what must come before and after it."""
        encoding = [("encode", self._encoder())] if self.categorical else []
        sampling = [("sampler", sampler)] if sampler is not None else []
        middle = sampling + encoding if takes_categories else encoding + sampling
        return ([("impute", self._imputer())] if self.incomplete else []) + middle

    def _imputer(self):
        numbers = [name for name in self.incomplete if name not in self.categorical]
        texts = [name for name in self.incomplete if name in self.categorical]
        imputer = ColumnTransformer(
            [
                ("numbers", SimpleImputer(strategy="median", keep_empty_features=True), numbers),
                ("texts", SimpleImputer(strategy="constant", fill_value="missing"), texts),
            ],
            remainder="passthrough",
            verbose_feature_names_out=False,
        )
        # Frames stay frames, so that samplers still see each column's own type.
        return imputer.set_output(transform="pandas") if self.categorical else imputer

    def _encoder(self):
        encoder = OneHotEncoder(
            handle_unknown="infrequent_if_exist", max_categories=MAX_LEVELS, sparse_output=False
        )
        return ColumnTransformer([("levels", encoder, self.categorical)], remainder="passthrough")


def build_pipeline(learner, classifier, steps, memory=None):
    """Pipeline of the steps, the learner's scaling and its classifier.

    Parameters
    ----------
    learner : Learner
        Says whether columns are standardised: after the sampler, which so adds the same rows
        whatever the learner.
    classifier : estimator
        Last step.
    steps : list of (str, estimator)
        From `TableSteps.steps`.
    memory : StepMemory or None, default=None
        Remembers the steps that learners share.

    Returns
    -------
    pipeline : imblearn.pipeline.Pipeline
        Unfitted.
    """
    scaling = [("scale", StandardScaler())] if learner.scaled else []
    return Pipeline([*steps, *scaling, ("learner", classifier)], memory=memory)

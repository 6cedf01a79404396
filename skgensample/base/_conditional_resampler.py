"""Base class of generators whose rows can replace the given table."""

from sklearn.utils._param_validation import StrOptions

from .._sampling_strategy import class_counts
from .._typing import Constraints, Output, Personal, SamplingStrategy, Schema, Seed
from ._generator import BaseGenerator


class BaseConditionalResampler(BaseGenerator):
    """Base of class-conditional models of the whole table, whose rows can replace it.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed of training and sampling.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the input rows followed by the generated ones, or a
        synthetic table of the resampled class counts without any input row.
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.
    """

    _parameter_constraints: dict = {
        **BaseGenerator._parameter_constraints,
        "output": [StrOptions({"augment", "synthetic"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        output: Output = "augment",
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.output = output

    def _keeps_given(self):
        return self.output == "augment"

    def _draw_counts(self, labels):
        added = self.sampling_strategy_
        if self._keeps_given():
            return added
        return {label: n + added.get(label, 0) for label, n in class_counts(labels).items()}

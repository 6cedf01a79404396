"""Ways of treating a scarce class, compared on the same folds: learners x strategies."""

from ._learners import DEFAULT_LEARNERS, LEARNERS, Learner
from ._result import BenchmarkResult
from ._runner import run_benchmark
from ._strategies import DEFAULT_STRATEGIES, STRATEGIES, Strategy
from ._table import listing
from ._tables import BenchmarkTable, load_csv_table, load_stream_table

__all__ = [
    "DEFAULT_LEARNERS",
    "DEFAULT_STRATEGIES",
    "LEARNERS",
    "STRATEGIES",
    "BenchmarkResult",
    "BenchmarkTable",
    "Learner",
    "Strategy",
    "listing",
    "load_csv_table",
    "load_stream_table",
    "run_benchmark",
]

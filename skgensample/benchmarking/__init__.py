"""Ways of treating a minority class, compared on the same folds: learners x strategies."""

from ._checkpoint import BenchmarkInterrupted, clear_checkpoint
from ._data import BenchmarkTable, load_csv_table, load_stream_table
from ._learners import DEFAULT_LEARNERS, LEARNERS, Learner
from ._result import BenchmarkResult
from ._runner import run_benchmark
from ._strategies import DEFAULT_STRATEGIES, STRATEGIES, Strategy
from ._text_report import listing

__all__ = [
    "DEFAULT_LEARNERS",
    "DEFAULT_STRATEGIES",
    "LEARNERS",
    "STRATEGIES",
    "BenchmarkInterrupted",
    "BenchmarkResult",
    "BenchmarkTable",
    "Learner",
    "Strategy",
    "clear_checkpoint",
    "listing",
    "load_csv_table",
    "load_stream_table",
    "run_benchmark",
]

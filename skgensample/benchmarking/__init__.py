"""Ways of treating a minority class, compared on the same folds: learners x strategies."""

from ._checkpoint import BenchmarkInterrupted, clear_checkpoint
from ._data import BenchmarkTable, load_csv_table, load_stream_table
from ._image_result import ImageBenchmarkResult
from ._image_runner import run_image_benchmark
from ._image_splits import ImageSplit, image_splits
from ._image_strategies import IMAGE_LEARNERS, IMAGE_STRATEGIES
from ._learners import DEFAULT_LEARNERS, LEARNERS, Learner
from ._result import BenchmarkResult
from ._runner import run_benchmark
from ._strategies import DEFAULT_STRATEGIES, STRATEGIES, Strategy
from ._text_report import listing

__all__ = [
    "DEFAULT_LEARNERS",
    "DEFAULT_STRATEGIES",
    "IMAGE_LEARNERS",
    "IMAGE_STRATEGIES",
    "LEARNERS",
    "STRATEGIES",
    "BenchmarkInterrupted",
    "BenchmarkResult",
    "BenchmarkTable",
    "ImageBenchmarkResult",
    "ImageSplit",
    "Learner",
    "Strategy",
    "clear_checkpoint",
    "image_splits",
    "listing",
    "load_csv_table",
    "load_stream_table",
    "run_benchmark",
    "run_image_benchmark",
]

"""What an interruption leaves: finished cells on disk, and a table of finished folds."""

import json
import os
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import joblib
import numpy as np

from .._typing import FilePath
from ._result import Cell, names_of

__all__ = [
    "NOT_FINISHED",
    "BenchmarkInterrupted",
    "CellStore",
    "clear_checkpoint",
    "finished_folds",
]

#: Reason of a cell that the interruption came before.
NOT_FINISHED = "not finished"
_FILE_NAME = re.compile(r"[0-9a-f]{64}\.(npz|part)")


class BenchmarkInterrupted(KeyboardInterrupt):
    """The benchmark was interrupted, by Ctrl-C for instance; finished cells are kept.

    Parameters
    ----------
    result : BenchmarkResult or None
        Rows of the folds that are finished, or of the first fold as far as it is; None where no
        cell is. ``result.info["incomplete"]`` says how much is there.

    Attributes
    ----------
    result : BenchmarkResult or None
        As given.

    Examples
    --------
    >>> from skgensample.benchmarking import BenchmarkInterrupted
    >>> issubclass(BenchmarkInterrupted, KeyboardInterrupt)
    True
    """

    def __init__(self, result=None):
        super().__init__("The benchmark was interrupted.")
        self.result = result


class CellStore:
    """Cells of one benchmark as files, each under a hash of all that its numbers depend on.

    That is the fold's rows and labels, learner, strategy and ratio, the settings, the versions of
    the packages and the source of this one: after any change nothing old is found.

    Parameters
    ----------
    folder : str, path-like or None
        Where the files lie; made when the first cell is saved. None keeps nothing.
    settings : Settings
        What all cells share.
    versions : dict
        Version of each package.
    """

    def __init__(self, folder, settings, versions):
        self.folder = None if folder is None else Path(folder)
        self.n_loaded = 0
        self._folds = {}
        if folder is not None:
            shared = settings.random_state, settings.max_steps, settings.n_jobs
            self._common = [*shared, sorted(versions.items()), _source_hash()]

    def load(self, fold, names):
        """Return the cell and its warnings, or None where it is not there.

        Parameters
        ----------
        fold : Fold
            Data.
        names : tuple of (str, str, float or None)
            Learner, strategy and ratio.

        Returns
        -------
        found : tuple of (Cell, list) or None
            What `save` was given.
        """
        if self.folder is None or not (path := self._path(fold, names)).is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                content = json.loads(str(file["content"]))
                draws, curve = (file[name] if name in file else None for name in ("draws", "curve"))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None  # a damaged file: the cell is run again
        self.n_loaded += 1
        return Cell(content["record"], draws, curve), content["warnings"]

    def save(self, fold, names, cell, caught):
        """Write a cell that has a result; what failed is tried again the next time.

        Parameters
        ----------
        fold : Fold
            Data.
        names : tuple of (str, str, float or None)
            Learner, strategy and ratio.
        cell : Cell
            Result.
        caught : list of list of str
            Category and text of its warnings.
        """
        if self.folder is None or cell.record["reason"]:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(fold, names)
        arrays = {"draws": cell.draws, "curve": cell.curve}
        content = json.dumps({"record": cell.record, "warnings": caught})
        # Renaming is atomic: an interruption leaves either the whole file or none of that name.
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            given = {name: array for name, array in arrays.items() if array is not None}
            np.savez(file, content=np.array(content), **given)
        os.replace(part, path)

    def _path(self, fold, names):
        if fold.number not in self._folds:
            self._folds[fold.number] = _fold_hash(fold)
        key = json.dumps([self._common, self._folds[fold.number], names])
        return self.folder / f"{sha256(key.encode()).hexdigest()}.npz"


def clear_checkpoint(folder: FilePath) -> None:
    """Delete the finished cells in a folder, and the folder if nothing else is in it.

    Parameters
    ----------
    folder : str or path-like
        The ``checkpoint`` of `run_benchmark`.

    Examples
    --------
    >>> from skgensample.benchmarking import clear_checkpoint
    >>> clear_checkpoint("no_such_folder")
    """
    folder = Path(folder)
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if _FILE_NAME.fullmatch(path.name):
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def finished_folds(cells, plan):
    """Cells of the folds in which all rows are finished, or of the fold that is nearest to it.

    Means over different folds cannot be compared, so that half a fold is left out where a whole
    one is there.

    Parameters
    ----------
    cells : list of Cell
        Finished cells.
    plan : list of (int, tuple)
        Fold number and (learner, strategy, ratio) of all cells, in order.

    Returns
    -------
    kept : list of Cell
        In the plan's order; what is missing has a `reason`.
    numbers : list of int
        Folds that they belong to.
    """
    done = {(cell.record["fold"], names_of(cell)): cell for cell in cells}
    folds = list(dict.fromkeys(number for number, _ in plan))
    n_missing = Counter(number for number, names in plan if (number, names) not in done)
    numbers = [number for number in folds if not n_missing[number]]
    numbers = numbers or [min(folds, key=n_missing.__getitem__)]
    kept = [done.get(key) or Cell(_unfinished_record(*key)) for key in plan if key[0] in numbers]
    return kept, numbers


def _unfinished_record(number, names):
    learner, strategy, ratio = names
    record = {"learner": learner, "strategy": strategy, "ratio": ratio, "fold": number}
    return {**record, "reason": NOT_FINISHED}


def _fold_hash(fold):
    """Hash of the data of a fold."""
    content = {name: _plain(value) for name, value in vars(fold).items()}
    return joblib.hash(content)


def _plain(table):
    """What is hashed of a table: the cells of a frame with names and types of its columns."""
    if not hasattr(table, "iloc"):
        return table
    import pandas as pd

    cells = pd.util.hash_pandas_object(table, index=False).to_numpy()
    return [str(name) for name in table.columns], [str(kind) for kind in table.dtypes], cells


def _source_hash():
    """Hash of the package's source, which changes more often than its version."""
    root = Path(__file__).resolve().parents[1]
    return joblib.hash([path.read_bytes() for path in sorted(root.rglob("*.py"))])

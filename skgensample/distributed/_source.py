"""A table in partitions, and passes over it: what Dask and files on disk have in common."""

import abc
import functools


class Source(abc.ABC):
    """Partitions of a table in their global order.

    A partition is a pandas frame with a column of labels, or a pair of table and labels. Functions
    of a pass are pure, so that a lost partition can be computed again; results of `reduce` are
    merged in the order of partitions.
    """

    #: Number of partitions.
    n_partitions: int | None = 0

    @abc.abstractmethod
    def map(self, function, arguments, *shared):
        """Results of ``function(partition, argument, *shared)`` for some partitions, in order.

        Parameters
        ----------
        function : callable
            Pure; a function of a module, so that it can be sent to other machines.
        arguments : dict
            Number of a partition -> its own argument; other partitions are left out.
        *shared : objects
            Given to all of them.

        Returns
        -------
        iterable
        """

    def reduce(self, function, merge, arguments, *shared):
        """Merge results of `map`, neighbours in order; None without any."""
        results = iter(self.map(function, arguments, *shared))
        return functools.reduce(merge, results, next(results, None))


class BatchSource(Source):
    """Partitions that one process reads one after the other.

    Parameters
    ----------
    batches : callable
        Returns an iterator over all partitions, the same ones on every call.
    """

    n_partitions = None

    def __init__(self, batches):
        self.batches = batches

    def map(self, function, arguments, *shared):
        last, start = max(arguments, default=-1), 0
        for number, partition in enumerate(self.batches()):
            if number in arguments:
                where = f"In the rows from {start} on"
                yield named_error(function, where, partition, arguments[number], *shared)
            if number == last:
                return
            start += len(partition)


class EveryPartition(dict):
    """Arguments of a first pass over partitions of unknown number: each gets its own number."""

    def __contains__(self, number):
        return True

    def __getitem__(self, number):
        return number


def named_error(function, where, partition, *arguments):
    """Call a function; errors about a partition's cells say where it is."""
    try:
        return function(partition, *arguments)
    except MemoryError:
        raise
    except (ValueError, TypeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{where}: {error}") from None

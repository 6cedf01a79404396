"""A table in partitions, and passes over it: what Dask and files on disk have in common."""

import functools


class Source:
    """Partitions of a table in their global order.

    A partition is a pandas frame with a column of labels, or a pair of table and labels. Functions
    of a pass are pure, so that a lost partition can be computed again; results of `reduce` are
    merged in the order of partitions.
    """

    #: Number of partitions.
    n_partitions = 0

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
        raise NotImplementedError

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
    n_partitions : int or None
        Their number; None counts them in the first pass.
    """

    def __init__(self, batches, n_partitions=None):
        self.batches, self.n_partitions = batches, n_partitions

    def map(self, function, arguments, *shared):
        for number, partition in enumerate(self.batches()):
            if arguments is None or number in arguments:
                own = None if arguments is None else arguments[number]
                yield named_error(function, number, partition, own, *shared)


def named_error(function, number, partition, *arguments):
    """Call a function; errors about a partition's cells say which partition it is."""
    try:
        return function(partition, *arguments)
    except (ValueError, TypeError) as error:
        raise type(error)(f"Partition {number}: {error}") from None

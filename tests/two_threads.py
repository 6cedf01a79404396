"""Two calls of one sampler's `fit_resample` at the same time, for tests."""

import threading

import pytest


def at_the_same_time(sampler, *tables):
    """What `fit_resample` returns for each table, in threads that wait for each other.

    All have validated their table before one of them trains, and all have trained before one of
    them generates.
    """
    meeting, made = threading.Barrier(len(tables), timeout=60), [None] * len(tables)

    def waiting(method):
        def wait(*arguments, **options):
            meeting.wait()
            return method(*arguments, **options)

        return wait

    def call(i):
        try:
            made[i] = sampler.fit_resample(*tables[i])
        except BaseException as error:  # raised below, in the test's own thread
            made[i] = error
            meeting.abort()

    kind = type(sampler)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_fit_generator", "_generate"):
            patch.setattr(kind, name, waiting(getattr(kind, name)))
        threads = [threading.Thread(target=call, args=(i,)) for i in range(len(tables))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    errors = [each for each in made if isinstance(each, BaseException)]
    real = [error for error in errors if not isinstance(error, threading.BrokenBarrierError)]
    if errors:
        raise (real or errors)[0]
    return made

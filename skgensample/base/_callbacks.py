"""scikit-learn's callbacks (1.9 or later) in samplers that train; without them nothing happens."""

from threading import Lock

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:  # an earlier scikit-learn: a base class without `set_callbacks`
    CallbackSupport = object

    def with_callbacks(method):
        """Return the method."""
        return method


__all__ = ["CallbackSupport", "CallbackTasks", "begin_fit", "has_callbacks", "with_callbacks"]


def has_callbacks(estimator):
    """Whether there is a callback to be told, of an estimator or of one that contains it."""
    kept = vars(estimator)
    return bool(kept.get("_skl_callbacks")) or "_parent_callback_ctx" in kept


def begin_fit(estimator, n_tasks, *, in_order=True):
    """Tell the callbacks of an estimator that training begins.

    To be called in a method that `with_callbacks` decorates.

    Parameters
    ----------
    estimator : CallbackSupport
        The sampler that is fitted.
    n_tasks : int
        Number of the tasks of its training.
    in_order : bool, default=True
        Whether they run one after the other.

    Returns
    -------
    tasks : CallbackTasks
        The tasks of this training.
    """
    if not has_callbacks(estimator):
        return CallbackTasks(estimator, None)
    start = estimator._init_callback_context
    return CallbackTasks(estimator, start(max_subtasks=n_tasks, sequential_subtasks=in_order))


class CallbackTasks:
    """Tasks below one task; does nothing where there is no callback.

    Parameters
    ----------
    estimator : estimator
        The sampler that is fitted.
    context : sklearn.callback.CallbackContext or None
        The task; it begins now.
    """

    def __init__(self, estimator, context):
        self.estimator, self.context = estimator, context
        self._current, self._lock = None, Lock()
        if context is not None:
            context.call_on_fit_task_begin(estimator=estimator)

    def below(self, name, n_tasks):
        """Begin a task that has `n_tasks` tasks of its own, which run one after the other."""
        if self.context is None:
            return self
        context = self.context.subcontext(task_name=name, max_subtasks=n_tasks)
        return CallbackTasks(self.estimator, context)

    def begin(self):
        """Begin the next task."""
        if self.context is not None:
            self._current = self.context.subcontext(task_name="batch of steps")
            self._current.call_on_fit_task_begin(estimator=self.estimator)

    def end(self, step, losses, criterion):
        """End the task that was begun last; returns whether a callback wants training to stop."""
        if self.context is None:
            return False
        facts = {"step": step, "losses": losses, "criterion": criterion}
        return self._current.call_on_fit_task_end(estimator=self.estimator, metadata=facts)

    def done(self, number, name):
        """Tell that one of several tasks that run at the same time is done."""
        if self.context is None:
            return
        with self._lock:
            task = self.context.subcontext(task_name=name, task_id=number)
            task.call_on_fit_task_begin(estimator=self.estimator)
            task.call_on_fit_task_end(estimator=self.estimator)

    def finish(self):
        """End the task itself."""
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.estimator)

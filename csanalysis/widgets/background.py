"""One thread for what takes long: the newest wish of each view is carried out, after a short pause.

One thread only: compiled parallel kernels must not be called from two, and two heavy views side by side
would finish no sooner.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable

PAUSE = 0.2
"""Seconds without a new wish before the work begins: a slider that is being moved asks often."""


class Background:
    """Runs the newest wish of each asker on one thread.

    Examples
    --------
    >>> done = []
    >>> background = Background(pause=0.01)
    >>> for n in range(5):
    ...     background.ask("view", lambda n=n: done.append(n))
    >>> background.wait(5), done
    (True, [4])
    """

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause = pause
        self._wishes: dict[Hashable, tuple[float, Callable[[], object]]] = {}
        self._changed = threading.Condition()
        self._working = False
        self._thread: threading.Thread | None = None

    def ask(self, asker: Hashable, act: Callable[[], object]) -> None:
        """Wish for `act` in place of what the same asker wished before."""
        with self._changed:
            self._wishes[asker] = (time.monotonic() + self._pause, act)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="csanalysis-panels", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drop(self, asker: Hashable) -> None:
        """Forget the wish of an asker."""
        with self._changed:
            self._wishes.pop(asker, None)
            self._changed.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing is wished for or being done; return False if that takes longer."""
        if threading.current_thread() is self._thread:
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._wishes and not self._working, seconds)

    def _run(self) -> None:
        while True:
            act = self._next()
            try:
                act()
            except Exception:  # the thread must outlive it, or nothing would ever be drawn again
                logging.getLogger(__name__).exception("a view could not be drawn")
            finally:
                with self._changed:
                    self._working = False
                    self._changed.notify_all()

    def _next(self) -> Callable[[], object]:
        with self._changed:
            while True:
                asker, (due, act) = min(
                    self._wishes.items(), key=lambda item: item[1][0], default=(None, (0.0, _nothing))
                )
                if asker is None:
                    self._changed.wait()
                elif due > time.monotonic():
                    self._changed.wait(due - time.monotonic())
                else:
                    del self._wishes[asker]
                    self._working = True
                    return act


def _nothing() -> None:
    """Stand in for a wish where there is none."""


BACKGROUND = Background()

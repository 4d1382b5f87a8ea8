"""How is a class graded by several machines? Dask brings notebooks to workers, and verdicts back.

Everything but the judging stays here: the key of the class, the rebuilding of what was handed in,
the gradebook, the folders. A worker is sent a rebuilt notebook, its tests and the number of a case,
and answers with points, messages and outputs, as JSON that is checked (`autograder.cluster_messages`).

Each submission is given to one worker. When that worker dies, so does its task, and the submission
is tried again elsewhere, the last times while nothing else of ours is under way. So a submission
that brings workers down is found out, and costs nobody else a mark.
"""

import contextlib
import logging
import threading
import time
import uuid
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from nbformat import NotebookNode

from autograder.cluster_messages import Refusal, ReplyError, Rules, order, read_reply
from autograder.course import Course, CourseError
from autograder.elsewhere import Elsewhere
from autograder.judge.verdict import Verdict
from autograder.limits import Limits
from autograder.pool import ParentsLost, Stopped
from autograder.sandbox import SandboxError
from autograder.turns import Turns
from autograder.unwalled import STAMP

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 10.0
"""So long a scheduler may take to answer at first."""
SILENT_SECONDS = 30.0
"""So long it may be silent later."""
READY_SECONDS = 120.0
"""So long a worker may take to compare its files and to warm up."""
ALONE_SECONDS = 30.0
"""So long a run goes on waiting when there is no worker."""
DEATHS = 3
"""So many workers a submission may see end. After the first, nothing else of ours is under way."""
MOST_AT_ONCE = 64

_LOOK_SECONDS = 0.5
_TRIES = 20
_GOES_ON = "What is graded stays graded; run it again for the rest."

Answer = TypeVar("Answer")


class ClusterError(SandboxError):
    """Nothing can be graded on the cluster any more. One sentence or two, with the remedy."""


class NotGraded(ParentsLost):
    """One submission could not be graded on the cluster. The message says why."""


class Cluster(Elsewhere):
    """The workers of a Dask cluster, in the place of the sandboxes of this machine.

    Arguments: the address of the scheduler, such as "tcp://10.0.0.5:8786"; who is told, in
    sentences, what happens to workers. Certificates are taken from Dask's own configuration.
    """

    def __init__(self, address: str, tell: Callable[[str], None] = lambda sentence: None) -> None:
        self._address = address
        self._tell = tell
        self._news = threading.Condition()
        self._turns = Turns()
        self._places: dict[str, int] = {}  # of the workers that are fit
        self._under_way: Counter[str] = Counter()
        self._asked: dict[str, tuple[Future, float]] = {}
        self._refused: dict[str, str] = {}
        self._broken: ClusterError | None = None
        self._stopped = False
        self._closed = threading.Event()

    @contextlib.contextmanager
    def opened(self, course: Course) -> Iterator["Cluster"]:
        """Connect, and find out which workers have the files of the class.

        Raises ClusterError when there is no scheduler or no fit worker, CourseError when the class
        is not complete.
        """
        self._client = _connect(self._address)
        watch = threading.Thread(target=self._watch, name="cluster", daemon=True)
        try:
            self._rules = _rules(course)
            self._output_bytes = Limits(**self._rules.limits).output_bytes
            self.stamp = STAMP if course.without_sandbox else ""
            watch.start()
            self._await_workers()
            yield self
        finally:
            self._closed.set()
            self.stop()
            with contextlib.suppress(Exception):
                self._client.close(timeout=2)

    @property
    def at_once(self) -> int:
        """How many submissions the driver has under way at a time, so that no worker ever waits."""
        with self._news:
            return min(2 * sum(self._places.values()) + 2, MOST_AT_ONCE)

    def use(
        self, work: Callable[[Elsewhere], Answer], suspicious: Callable[[Answer], bool]
    ) -> Answer:
        """Do a piece of work, as `SandboxPool.use` does. The workers look for themselves what is suspicious."""
        return work(self)

    def stop(self) -> None:
        """Let go of all tasks at once; workers end them. Threads that wait come back with Stopped."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._turns.stop()

    def judge(self, notebook: NotebookNode, env: Mapping[str, str]) -> Verdict:
        """Have a notebook judged by a worker, and by another one where that one ends.

        Raises ClusterError when there is no cluster any more, NotGraded for this submission alone,
        and Stopped when the run is being stopped.
        """
        sent = order(self._rules, notebook, env)
        for death in range(DEATHS):
            with self._turns.alone() if death else self._turns.together():
                verdict = self._judged(sent, notebook)
            if verdict is not None:
                return verdict
        raise NotGraded(
            f"{DEATHS} workers of the cluster ended while they graded this submission, the last "
            "ones when they graded nothing else. Look at what it does, and at how the workers ended"
        )

    def _judged(self, sent: bytes, notebook: NotebookNode) -> Verdict | None:
        """The verdict of a worker; None when the worker ended."""
        for _ in range(_TRIES):
            with self._place() as worker:
                reply = self._reply_of(worker, sent)
            if reply is None:
                return None
            try:
                said = read_reply(reply, notebook, self._output_bytes)
            except ReplyError as error:
                raise NotGraded(
                    f"The worker {worker} sent a reply that cannot be used: {error}"
                ) from None
            match said:
                case Verdict():
                    return said
                case Refusal("unfit", why):
                    self._refuse(worker, why)
                case Refusal("stopped"):
                    pass  # another run was stopped there
                case Refusal("lost", why):
                    raise ParentsLost(why)
                case Refusal(_, why):
                    raise NotGraded(f"The worker {worker} failed: {why}")
        raise NotGraded(f"It was given to workers {_TRIES} times, and each time stopped there")

    @contextlib.contextmanager
    def _place(self) -> Iterator[str]:
        """A place at the worker with most to spare, as soon as there is one."""

        def free() -> list[tuple[int, str]]:
            return [(n - self._under_way[w], w) for w, n in self._places.items()]

        with self._news:
            while not any(spare > 0 for spare, _ in free()):
                self._check()
                self._news.wait()
            self._check()
            _, worker = max(free())
            self._under_way[worker] += 1
        try:
            yield worker
        finally:
            with self._news:
                self._under_way[worker] -= 1
                self._news.notify_all()

    def _reply_of(self, worker: str, sent: bytes) -> object:
        """What a worker answers; None when it ended. It has been given a place."""
        from autograder.cluster_worker import judge

        try:
            future = self._submit(judge, worker, sent)
            future.add_done_callback(self._notify)
        except Exception as error:
            self._lose(error)
            raise self._broken from None
        try:
            with self._news:
                while future.status == "pending" and worker in self._places:
                    self._check()
                    self._news.wait()
            if self._client.status != "running":
                self._lose("the connection was lost")
            self._check()
            return _result(future)
        finally:
            future.release()

    def _submit(self, task: Callable[[bytes], bytes], worker: str, sent: bytes) -> "Future":
        with warnings.catch_warnings():
            # That it is large: a notebook is as large as it is.
            warnings.simplefilter("ignore", UserWarning)
            return self._client.submit(
                task,
                sent,
                key=f"casework-{uuid.uuid4().hex}",
                workers=[worker],
                allow_other_workers=False,
                pure=False,
            )

    def _notify(self, future: object = None) -> None:
        with self._news:
            self._news.notify_all()

    def _check(self) -> None:
        """Raise what has become of the run, if it cannot go on."""
        if self._stopped:
            raise Stopped
        if self._broken is not None:
            raise self._broken

    # --- who is there -----------------------------------------------------------------------------

    def _await_workers(self) -> None:
        """Wait for the first worker that is fit, and a little longer for the others."""
        until = time.monotonic() + CONNECT_SECONDS
        with self._news:
            while not self._places or (self._asked and time.monotonic() < until):
                self._check()
                self._news.wait(_LOOK_SECONDS)

    def _watch(self) -> None:
        """Look who comes and who goes, until it is over. Runs in a thread."""
        since, ever = time.monotonic(), False
        while not self._closed.wait(_LOOK_SECONDS if ever else _LOOK_SECONDS / 5):
            try:
                self._see(self._workers())
            except Exception as error:
                self._lose(error)
                return
            ever = ever or bool(self._places)
            if self._places or self._asked:
                since = time.monotonic()
            elif (self._refused and not ever) or time.monotonic() - since > ALONE_SECONDS:
                self._break(self._why_nobody())
                return

    def _why_nobody(self) -> str:
        """Why there is no worker to be used, and what to do."""
        if self._refused:
            told = "; ".join(f"{w}: {why}" for w, why in list(self._refused.items())[:3])
            return f"No worker of the cluster can grade this class ({told.rstrip('.')}). Make them the same as here"
        return (
            f"The scheduler at {self._address} has had no worker for {ALONE_SECONDS:.0f} seconds. "
            f"Start one: dask worker {self._address}"
        )

    def _workers(self) -> dict[str, int]:
        """The workers that the scheduler knows, and how much each does at a time. Raises when it is gone."""
        if self._client.status != "running":
            raise ConnectionError("the connection was lost")
        known = self._client.sync(
            self._client.scheduler.identity, n_workers=-1, callback_timeout=SILENT_SECONDS
        )
        return {str(name): max(1, int(one["nthreads"])) for name, one in known["workers"].items()}

    def _see(self, there: Mapping[str, int]) -> None:
        """Take note of who has come and gone, and of who has said that it is ready."""
        from autograder.cluster_worker import get_ready

        with self._news:
            gone = [worker for worker in self._places if worker not in there]
            for known in (self._places, self._asked, self._refused):
                for worker in [name for name in known if name not in there]:
                    del known[worker]
            new = there.keys() - self._places.keys() - self._asked.keys() - self._refused.keys()
            left = bool(self._places or self._asked)
        for worker in gone:
            wait = "" if left or new else f" No other is left; waiting {ALONE_SECONDS:.0f} seconds."
            self._tell(f"The worker {worker} has gone. What it had is tried again.{wait}")
        for worker in new:
            future = self._submit(get_ready, worker, order(self._rules))
            self._asked[worker] = (future, time.monotonic() + READY_SECONDS)
        for worker, (future, until) in list(self._asked.items()):
            if future.status != "pending" or time.monotonic() > until:
                self._take(worker, there[worker], future)
        self._notify()

    def _take(self, worker: str, places: int, future: "Future") -> None:
        """Use a worker that is ready; refuse one that is not, or does not answer."""
        why = "it did not answer, or the grader is not installed there"
        with contextlib.suppress(ReplyError):
            said = read_reply(_result(future))
            why = said.why if said.kind != "ready" else ""
        future.release()
        with self._news:
            self._asked.pop(worker, None)
            if not why:
                self._places[worker] = places
        if why:
            self._refuse(worker, why)

    def _refuse(self, worker: str, why: str) -> None:
        with self._news:
            self._places.pop(worker, None)
            again = worker in self._refused
            self._refused[worker] = why
            self._news.notify_all()
        if not again:
            self._tell(f"The worker {worker} is not used: {why.rstrip('.')}.")

    def _lose(self, why: object) -> None:
        """The scheduler is no longer there."""
        self._break(f"The scheduler at {self._address} has gone ({_reason(why)}). Start it again")

    def _break(self, why: str) -> None:
        with self._news:
            self._broken = self._broken or ClusterError(f"{why}. {_GOES_ON}")
            self._news.notify_all()


def _rules(course: Course) -> Rules:
    """How the workers are to judge. Raises CourseError when the class is not complete."""
    from autograder.cluster_worker import files_of

    try:
        Limits(**course.limits)
    except TypeError as error:
        raise CourseError(f"c.Course.limits in nbgrader_config.py: {error}.") from None
    return Rules(
        str(course.world_folder.resolve()) if course.world else "",
        str(course.truth_folder.resolve()) if course.truth else "",
        dict(course.limits),
        course.without_sandbox,
        files_of(course.world_folder, course.truth_folder),
    )


def _connect(address: str) -> "Client":
    """A connection to a scheduler. Raises ClusterError."""
    try:
        import dask
        from distributed import Client, Security
    except ImportError:
        raise ClusterError(
            "Grading on a cluster needs Dask's package 'distributed', which is not installed here. "
            "Install it: pip install distributed"
        ) from None
    # Dask logs what we say in sentences, with tracebacks.
    for name in ("asyncio", "tornado.application", *logging.root.manager.loggerDict):
        if name.startswith(("distributed", "asyncio", "tornado")):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module="distributed")
    try:
        loaded = dask.config.get("distributed.client.security-loader", None)
        named = Security().get_connection_args("client").get("ssl_context")
        if address.startswith("tls://") and not (loaded or named):
            raise ValueError("no certificate of yours is named in Dask's configuration")
        # Replies are bytes: whatever else comes is not even unpacked.
        return Client(
            address,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            deserializers=["dask", "msgpack", "error"],
        )
    except Exception as error:
        raise ClusterError(
            f"The scheduler at {address} cannot be reached ({_reason(error)}). Is it running, is the "
            "address right, and does it want certificates? See 'Several machines' in the book"
        ) from None


def _result(future: "Future") -> Any:
    """What a task answered; None when its worker ended. Nothing that a task raised is unpacked."""
    if future.status != "finished":
        return None
    try:
        return future.result(timeout=SILENT_SECONDS)
    except Exception:
        return None  # the worker ended before its answer was fetched


def _reason(error: object) -> str:
    """Why something failed, in a few words."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__

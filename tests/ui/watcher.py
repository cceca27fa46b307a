"""Notes what keeps the interface's thread for more than a frame, while the tests drive the window.

Watched is every event that Qt hands out on it, and every call of the window's own methods from a
test, which stands for an event: a menu's command, a signal of a worker. What is handled inside
another belongs to that one, unless it runs in an event loop of its own, as a dialog does. Judged is
the work of the thread and not the clock's time: what else the machine does shall not count. Needs
Linux and a C compiler.

    pytest --watch-interface FILE tests/ui tests/e2e
"""

from __future__ import annotations

import ctypes
import functools
import inspect
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

BUDGET_MS = 16.0
"""A frame of a screen of 60 Hz."""

INTO = "BRAINTUMOR_WATCH_INTO"
"""Names the file that a process started by a test adds its own to."""

KEPT, LONGEST = 4096, 128  # as in the C file


class _Slow(ctypes.Structure):
    _fields_ = [("milliseconds", ctypes.c_double), ("what", ctypes.c_char * LONGEST)]


class InterfaceWatcher:
    """What took long so far, each with the test that it was in and where the thread was."""

    def __init__(self) -> None:
        self.test = _current_test
        self.slow: list[dict[str, Any]] = []
        self._timer = _compiled()
        self._thread = threading.get_ident()
        self._stacks: Counter[str] = Counter()
        threading.Thread(target=self._sample, daemon=True).start()

    @property
    def seen(self) -> int:
        """How many events and calls there were."""
        return ctypes.c_long.in_dll(self._timer, "seen").value

    def watch_events(self, application: QApplication) -> None:
        """Time the events of an application."""
        (address,) = shiboken6.getCppPointer(application)
        found = self._timer.install(ctypes.c_void_p(address), ctypes.c_double(BUDGET_MS))
        assert found, "Qt's library has other names than this one looks for"

    def watch_calls(self) -> None:
        """Time the methods of all objects of the window, as far as they are imported."""
        ours = [name for name in sys.modules if name.startswith("braintumor_desktop.ui.")]
        for name in ours:  # not those that come later: to bring them may be what takes long
            for kind in list(vars(sys.modules[name]).values()):
                here = inspect.isclass(kind) and kind.__module__ == name
                if here and issubclass(kind, QObject):
                    _watch_methods(self._timer, kind)

    def leave_out_what_runs_now(self) -> None:
        """Say that the event being handled is a test that acts: only what is in it is judged."""
        self._timer.a_tests_own()

    def collect(self) -> None:
        """Take over what the timer found since the last time."""
        count = ctypes.c_long.in_dll(self._timer, "slow_count")
        kept = (_Slow * KEPT).in_dll(self._timer, "slow")
        for one in list(kept[: count.value]):
            what = one.what.decode()
            kind, _space, receiver = what.partition(" ")
            if kind.isdigit():
                what = f"{_event_name(int(kind))} to {receiver}"
            often = self._stacks.most_common(1)
            stack = often[0][0] if often else "(no line of ours)"
            test = self.test()
            took = round(one.milliseconds, 1)
            self.slow.append({"what": what, "milliseconds": took, "test": test, "stack": stack})
        count.value = 0

    def _sample(self) -> None:
        """Look every few milliseconds where the thread is, for the stack of what was slow."""
        depth = ctypes.c_int.in_dll(self._timer, "depth")
        seen, last = ctypes.c_long.in_dll(self._timer, "seen"), -1
        while True:
            time.sleep(0.003)
            if seen.value != last:  # another one by now
                self.collect()
                self._stacks.clear()
                last = seen.value
            if (
                depth.value
            ):  # no frame is kept: with it would stay what is local there, as a painter
                self._stacks[_our_lines(sys._current_frames().get(self._thread))] += 1


def watch_in_process() -> InterfaceWatcher:
    """Watch a process that a test started, and add what was found to the file named."""
    import atexit

    from braintumor_desktop.ui import app

    into = Path(os.environ[INTO])
    watcher = InterfaceWatcher()
    watcher.watch_calls()

    def watched(arguments: list[str]) -> QApplication:
        application = QApplication(arguments)
        watcher.watch_events(application)
        return application

    app.QApplication = watched  # type: ignore[misc, attr-defined, assignment]
    atexit.register(add_to, into, watcher)
    return watcher


def add_to(file: Path, watcher: InterfaceWatcher) -> None:
    """Add what was found to a file, as one line of JSON."""
    watcher.collect()
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"seen": watcher.seen, "slow": watcher.slow}) + "\n")


def report(file: Path) -> list[str]:
    """Say what the processes found, what came most often first."""
    told = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in (one for each in told for one in each["slow"]):
        kinds.setdefault((one["what"], one["stack"]), []).append(one)
    seen, slow = sum(each["seen"] for each in told), sum(map(len, kinds.values()))
    lines = [f"{seen} events and calls; {slow} of them over {BUDGET_MS:.0f} ms"]
    for (what, stack), many in sorted(kinds.items(), key=lambda kv: -len(kv[1])):
        most = max(many, key=lambda one: float(one["milliseconds"]))
        lines.append(
            f"{what}: {len(many)} times, up to {most['milliseconds']} ms in {most['test']}"
        )
        lines.append(f"    {stack}")
    return lines


def _current_test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]


def _compiled() -> ctypes.CDLL:
    source = Path(__file__).with_name("watch_notify.c")
    made = Path(tempfile.mkdtemp()) / "watch_notify.so"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    ctypes.CDLL("libQt6Core.so.6", mode=ctypes.RTLD_GLOBAL)  # so that its names are found
    return ctypes.CDLL(str(made))


def _event_name(number: int) -> str:
    try:
        return QEvent.Type(number).name
    except ValueError:
        return f"event {number}"


def _watch_methods(timer: ctypes.CDLL, kind: type) -> None:
    """Replace a class's methods by timed ones; Qt's handlers are called for events alone."""
    for name, method in list(vars(kind).items()):
        handler = name != name.lower() and not name.startswith("_")
        dunder = name.startswith("__") and name != "__init__"
        if isinstance(method, FunctionType) and not handler and not dunder:
            setattr(kind, name, _timed(timer, f"call of {kind.__name__}.{name}", method))


def _timed(timer: ctypes.CDLL, what: str, method: FunctionType) -> Any:
    """Give the method timed, with the parameters it has: by their number Qt knows what to pass."""
    named = what.encode()[: LONGEST - 1]

    def call(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        outermost = timer.begin(named)
        try:
            return method(*arguments, **keywords)
        finally:
            if outermost:
                timer.end()

    called, plain, by_name = [], [], []
    known: dict[str, Any] = {"call": call}
    for number, one in enumerate(inspect.signature(method).parameters.values()):
        if one.kind is one.KEYWORD_ONLY:
            if not by_name and not any(name.startswith("*") for name in called):
                called.append("*")
            by_name.append(f"{one.name!r}: {one.name}")
        mark = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")  # type: ignore[call-overload]
        if mark == "**":
            by_name.append(f"**{one.name}")
        elif one.kind is not one.KEYWORD_ONLY:
            plain.append(f"{mark}{one.name}, ")
        default = "" if one.default is one.empty else f"=default{number}"
        known[f"default{number}"] = one.default
        called.append(f"{mark}{one.name}{default}")
    gives = f"call(({''.join(plain)}), {{{', '.join(by_name)}}})"
    exec(f"def timed({', '.join(called)}):\n    return {gives}\n", known)
    return functools.update_wrapper(known["timed"], method)


def _our_lines(frame: FrameType | None) -> str:
    """The innermost four lines of this project on a stack, the innermost first."""
    lines: list[str] = []
    while frame is not None and len(lines) < 4:
        path = frame.f_code.co_filename
        if f"{os.sep}braintumor_desktop{os.sep}" in path:
            short = path.rpartition(f"braintumor_desktop{os.sep}")[2]
            lines.append(f"{short}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(lines) or "(no line of ours)"

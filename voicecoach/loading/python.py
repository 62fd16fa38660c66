"""A routine written in Python: a file with ``routine(history) -> Routine``, run once, before the session begins.

Rule: a program is run only where a person named its file; no name, no folder and no other file leads to it. Whatever
goes wrong in it is one ``RoutineError`` with its file and line, but for Ctrl-C.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from pydantic import ValidationError

from voicecoach.authoring import library_of_the_file
from voicecoach.authoring_error import AuthoringError
from voicecoach.complaints import explain
from voicecoach.core.routine import Routine
from voicecoach.guarded import read_guarded
from voicecoach.loading.complete import complete
from voicecoach.loading.library import Library
from voicecoach.loading.source import RoutineError, Source, slugify
from voicecoach.past import History
from voicecoach.toml_file import LARGEST
from voicecoach.toml_lines import all_on

PROGRAM = ".py"
"""How the name of such a file ends."""
_SHAPE = "def routine(history): … return Routine(…)"


def load_python(path: Path, library: Library, history: History) -> Routine:
    """Run the file at ``path`` and return the routine that it makes. Raises ``RoutineError``.

    What it prints goes to standard error. It is run as long as it takes: nothing ends it but itself, or Ctrl-C.
    """
    code = _compiled(path)
    # A name that no import can find; dataclasses look their module up there while they are made.
    module = ModuleType(f"routine file {path}")
    module.__file__ = str(path)
    taken = library_of_the_file.set(library)
    sys.modules[module.__name__] = module
    try:
        with redirect_stdout(sys.stderr), _in_words(path):
            exec(code, module.__dict__)  # noqa: S102 - the person named this file, to be run
            make = _maker(path, module)
            made = make(history)
    finally:
        del sys.modules[module.__name__]
        library_of_the_file.reset(taken)
    source = Source(path, {}, all_on(_line_of(make)))
    if inspect.iscoroutine(made):
        made.close()
    if not isinstance(made, Routine):
        source.fail((), f"routine(history) must return a Routine, not {_kind(made)}", None, _SHAPE)
    return complete(made.model_copy(update={"slug": slugify(path.stem)}), source, library)


def _compiled(path: Path) -> CodeType:
    data = read_guarded(
        path, LARGEST, RoutineError, hint="`voicecoach list` shows what there is", short="a routine is a short program"
    )
    try:
        return compile(data, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise RoutineError(path, error.lineno or 1, f"this is not Python: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise RoutineError(path, 1, f"this is not Python: {error or type(error).__name__}") from None


def _maker(path: Path, module: ModuleType) -> Callable[[History], Any]:
    make: Any = getattr(module, "routine", None)
    if not callable(make):
        raise RoutineError(path, 1, "there is no function routine(history) in it", allowed=_SHAPE)
    try:
        inspect.signature(make).bind(None)
    except (TypeError, ValueError):
        problem = "routine must take one argument, the history"
        raise RoutineError(path, _line_of(make), problem, allowed=_SHAPE) from None
    return make  # type: ignore[no-any-return]


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turn what goes wrong in the file into what a person reads."""
    try:
        yield
    except RoutineError as error:
        if str(error.file) == str(path):
            raise
        # Something that it uses: the library's own file, or another program's line.
        raise RoutineError(path, _last_line(path, error), str(error)) from None
    except AuthoringError as error:
        line = _last_line(path, error)
        others = [RoutineError(path, line, told) for told in error.others]
        raise RoutineError(
            path, line, error.problem, key=error.key, value=error.value, allowed=error.allowed, others=others
        ) from None
    except ValidationError as error:  # a noun of the file's own
        first = error.errors(include_url=False)[0]
        problem, allowed = explain(dict(first))
        key = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "")
        if first["type"] == "extra_forbidden":
            problem = "this key is not known here"
        shown = first["input"] if isinstance(first["input"], str | int | float) else None
        raise RoutineError(path, _last_line(path, error), problem, key=key, value=shown, allowed=allowed) from None
    except SystemExit as error:
        raise RoutineError(path, _last_line(path, error), "it ends the program; raise an error instead") from None
    except Exception as error:  # noqa: BLE001 - it is somebody's program: anything may come of it
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        raise RoutineError(path, _last_line(path, error), what) from None


def _last_line(path: Path, error: BaseException) -> int:
    """Return the line of the file that was at work last; 1 where none was."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return next((line for line in reversed(lines) if line), 1)


def _line_of(make: Callable[..., Any]) -> int:
    code = getattr(inspect.unwrap(make), "__code__", None)
    return code.co_firstlineno if isinstance(code, CodeType) else 1


def _kind(made: object) -> str:
    if made is None:
        return "nothing"
    return "a coroutine (leave out async)" if inspect.iscoroutine(made) else f"a {type(made).__name__}"

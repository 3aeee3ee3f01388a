"""Answers the cases that come in as JSON with the CALLS of the file that is named.

Bytes travel as text, one character a byte.
"""

import json
import platform
import runpy
import sys


def answer(call, args):
    try:
        return {"returns": call(*args)}
    except (AssertionError, TypeError) as error:
        return {"raises": type(error).__name__, "message": str(error)}
    except Exception as error:
        return {"raises": type(error).__name__}


def plain(value):
    """What json does not know by itself."""
    return value.decode("latin-1")


calls = runpy.run_path(sys.argv[1], {"answer": answer})["CALLS"]
answers = [answer(calls[name], args) for name, *args in json.load(sys.stdin.buffer)]
version = platform.python_version()
json.dump({"version": version, "answers": answers}, sys.stdout, default=plain)

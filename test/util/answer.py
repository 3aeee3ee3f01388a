"""Answers cases with the CALLS of a file: those on standard input with those of the file named.

Bytes travel as text, one character a byte.
"""

import json
import platform
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


def answer_all(source, cases):
    """Answers cases, which are JSON, with the calls of a file, of which this is the text."""
    names = {"__name__": "calls", "answer": answer}
    exec(source, names)
    calls = names["CALLS"]
    answers = [answer(calls[name], args) for name, *args in json.loads(cases)]
    version = platform.python_version()
    return json.dumps({"version": version, "answers": answers}, default=plain)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(answer_all(file.read(), sys.stdin.buffer.read()))

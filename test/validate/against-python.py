"""Python's side of against-python.test.ts: what wsgiref.validate says to each fault."""

import gc
import io
import sys
import warnings
from contextlib import redirect_stderr
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

PLAIN = [("Content-Type", "text/plain")]


class Environment(dict):
    pass


def environ(change=None):
    variables = {"QUERY_STRING": ""}
    setup_testing_defaults(variables)
    variables.update(change or {})
    return {key: value for key, value in variables.items() if value is not None}


def hello(environ, start_response):
    start_response("200 OK", list(PLAIN))
    return [b"hello"]


def start_response(*args):
    return lambda data: None


def serve(application, change=None):
    result = validator(application)(environ(change), start_response)
    try:
        for block in result:
            pass
    finally:
        result.close()


def variables(**change):
    return lambda: serve(hello, change)


def wsgi(**change):
    return lambda: serve(hello, {"wsgi." + key: value for key, value in change.items()})


def answering(status="200 OK", headers=PLAIN, *rest):
    def application(environ, start_response):
        start_response(status, headers, *rest)
        return []

    return lambda: serve(application)


def header(name, value):
    return answering(headers=PLAIN + [(name, value)])


def returning(result):
    def application(environ, start_response):
        start_response("200 OK", list(PLAIN))
        return result

    return lambda: serve(application)


def using(use):
    """An application that uses its environ before it answers."""

    def application(environ, start_response):
        use(environ)
        return hello(environ, start_response)

    return lambda: serve(application)


def reading(method, gives):
    """An application whose server gives it what it should not."""
    stream = io.BytesIO()

    class Input:
        read = stream.read
        readline = stream.readline
        readlines = stream.readlines
        __iter__ = stream.__iter__

    setattr(Input, method, lambda self, *args: gives)

    def application(environ, start_response):
        getattr(environ["wsgi.input"], method)(4)
        return hello(environ, start_response)

    return lambda: serve(application, {"wsgi.input": Input()})


def started_late(environ, start_response):
    yield b"hello"


def writing(environ, start_response):
    start_response("200 OK", list(PLAIN))("text")
    return []


def read_after_close():
    result = validator(hello)(environ(), start_response)
    result.close()
    next(result)


def not_closed():
    before, sys.unraisablehook = sys.unraisablehook, lambda unraisable: None
    try:
        with redirect_stderr(io.StringIO()) as stderr:
            validator(hello)(environ(), start_response)
            gc.collect()
        return [stderr.getvalue()]
    finally:
        sys.unraisablehook = before


def keyword(environ, start_response):
    start_response("200 OK", list(PLAIN), x=1)
    return []


class Nothing:
    read = readline = readlines = __iter__ = flush = write = writelines = None


def without(name):
    attributes = {key: value for key, value in vars(Nothing).items() if key != name}
    return type("Stream", (), {**attributes, "__repr__": lambda self: "stream"})()


FAULTS = {
    "1": lambda: validator(hello)(environ()),
    "2": lambda: validator(hello)(environ(), start_response, x=1),
    "3": lambda: validator(hello)(Environment(a=1), start_response),
    "4": variables(SERVER_NAME=None),
    "5": variables(HTTP_CONTENT_TYPE="text/plain"),
    "6": variables(QUERY_STRING=None),
    "7": variables(SERVER_PORT=8000),
    "8": wsgi(version="1.0"),
    "9": wsgi(url_scheme="HTTP"),
    "9 missing": wsgi(url_scheme=None),
    "10": wsgi(input=without("readlines")),
    "11": wsgi(errors=without("writelines")),
    "12": variables(REQUEST_METHOD="get"),
    "13": variables(SCRIPT_NAME="app"),
    "13 missing": variables(SCRIPT_NAME=None),
    "14": variables(PATH_INFO="page"),
    "14 missing": variables(SCRIPT_NAME="/app", PATH_INFO=None),
    "15": variables(CONTENT_LENGTH="-1"),
    "15 no number": variables(CONTENT_LENGTH="many"),
    "15 lenient": variables(CONTENT_LENGTH=" +1_0 "),
    "16": variables(SCRIPT_NAME=None, PATH_INFO=None),
    "17": variables(SCRIPT_NAME="/", PATH_INFO=""),
    "18": answering("200 OK", list(PLAIN), None, None),
    "19": lambda: serve(keyword),
    "20": answering(200),
    "21": answering("OK"),
    "21 empty": answering(""),
    "22": answering("20X OK"),
    "23": answering("099 Nothing"),
    "24": answering("404"),
    "24 two spaces": answering("404  Not Found"),
    "25": answering(headers=tuple(PLAIN)),
    "26": answering(headers=PLAIN + ["X-Rate: 5"]),
    "27": answering(headers=PLAIN + [("X-Rate", "5", "6")]),
    "28 name": header(5, "a"),
    "28 value": header("X-Rate", 5),
    "29": header("Status", "404 Not Found"),
    "30": header("X-Rate:", "5"),
    "31": header("X Rate", "5"),
    "31 token": header("X.Rate", "5"),
    "32": header("X-Rate-", "5"),
    "33": header("X-Rate", "a\tb"),
    "33 DEL": header("X-Rate", "a\x7fb"),
    "34": answering("204 No Content"),
    "35": answering(headers=[]),
    "36": answering("500 Oops", PLAIN, True),
    "37": returning(None),
    "37 zero": returning(0),
    "38": returning("hello"),
    "38 bytes": returning(b"hello"),
    "39": read_after_close,
    "40": returning(["hello"]),
    "41": lambda: serve(started_late),
    "42": not_closed,
    "43": using(lambda environ: environ["wsgi.input"].read()),
    "43 arguments": using(lambda environ: environ["wsgi.input"].read(0, 1)),
    "43 text": reading("read", "text"),
    "44 arguments": using(lambda environ: environ["wsgi.input"].readline(0, 1)),
    "44 text": reading("readline", "text"),
    "44 lines": using(lambda environ: environ["wsgi.input"].readlines(0, 1)),
    "44 no list": reading("readlines", ()),
    "44 list of text": reading("readlines", ["text"]),
    "46": using(lambda environ: environ["wsgi.input"].close()),
    "47": using(lambda environ: environ["wsgi.errors"].write(5)),
    "47 lines": using(lambda environ: environ["wsgi.errors"].writelines([5])),
    "48": using(lambda environ: environ["wsgi.errors"].close()),
    "49": lambda: serve(writing),
}


def fault(name):
    """What the fault is answered with: warnings, or the text on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said = FAULTS[name]()
    return said or [str(warning.message) for warning in caught]


CALLS = {"fault": fault}

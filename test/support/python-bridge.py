"""Python's half of python-bridge.ts: lets applications and servers of the two languages meet.

Environs and headers travel as JSON, and what Python sends as text, one character a byte.
"""

import io
import json
import warnings
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import demo_app
from wsgiref.validate import validator

from pyodide.ffi import create_proxy, to_js


class Call:
    """One call of an application of Python's, for a server in JavaScript."""

    def __init__(self, name, environ, body, write_error, start_response):
        environ = json.loads(environ)
        environ["wsgi.version"] = tuple(environ["wsgi.version"])
        environ["wsgi.input"] = io.BytesIO(body.encode("latin-1"))
        environ["wsgi.errors"] = Errors(write_error)

        def start(status, headers, exc_info=None):
            error = None if exc_info is None else str(exc_info[1])
            write = start_response(status, json.dumps(headers), error)
            return lambda data: write(data.decode("latin-1"))

        self.result = APPLICATIONS[name](environ, start)
        self.iterator = iter(self.result)

    def next(self):
        """The next block as text; None at the end."""
        block = next(self.iterator, None)
        return None if block is None else block.decode("latin-1")

    def close(self):
        if hasattr(self.result, "close"):
            self.result.close()


class Errors:
    def __init__(self, write):
        self.write = write

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        pass


def generator_app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one, "
    yield b"two"


def reading_app(environ, start_response):
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body.upper()]


def writing_app(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"written, ")
    return [b"returned"]


def recovering_app(environ, start_response):
    import sys

    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        raise RuntimeError("too late for this")
    except RuntimeError:
        headers = [("Content-Type", "text/plain")]
        start_response("503 Service Unavailable", headers, sys.exc_info())
    return [b"later"]


def failing_app(environ, start_response):
    raise RuntimeError("oops")


def broken_app(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]


APPLICATIONS = {
    app.__name__: validator(app)
    for app in (
        demo_app,
        generator_app,
        reading_app,
        writing_app,
        recovering_app,
        failing_app,
        broken_app,
    )
}


class Result:
    """What an application of JavaScript has returned; if that has a length, a MeasuredResult."""

    def __init__(self, result):
        self.result = result
        if hasattr(result, "close"):
            self.close = result.close

    def __iter__(self):
        return self

    def __next__(self):
        step = self.result.next()
        if step.done:
            raise StopIteration
        return as_block(step.value)


class MeasuredResult(Result):
    def __len__(self):
        return self.result.length


def as_block(value):
    return value.to_bytes() if hasattr(value, "to_bytes") else value


def python_application(call):
    """An application of JavaScript, as one of Python."""

    def application(environ, start_response):
        variables = {
            key: value
            for key, value in environ.items()
            if key not in ("wsgi.input", "wsgi.errors", "wsgi.file_wrapper")
        }

        def start(status, headers, error, *more):
            headers = [tuple(header) for header in json.loads(headers)]
            args = (status, headers)
            if error is not None:
                error = RuntimeError(error)
                args = (*args, (type(error), error, None))
            write = start_response(*args, *more)
            return lambda data: write(as_block(data))

        def read(method, *size):
            return to_js(getattr(environ["wsgi.input"], method)(*size))

        # What a generator calls must live for longer than this call.
        functions = map(create_proxy, (read, environ["wsgi.errors"].write, start))
        result = call(json.dumps(variables), *functions)
        if not hasattr(result, "next"):
            return None
        return MeasuredResult(result) if hasattr(result, "length") else Result(result)

    return application


def host(call, environ, body, checked):
    """Has SimpleHandler run an application of JavaScript, in a validator if it is to be checked."""
    application = python_application(call)
    output = io.BytesIO()
    errors = io.StringIO()
    handler = SimpleHandler(
        io.BytesIO(body.encode("latin-1")), output, errors, json.loads(environ)
    )
    handler.os_environ = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        handler.run(validator(application) if checked else application)
    for warning in caught:
        errors.write(f"{warning.category.__name__}: {warning.message}\n")
    return json.dumps([output.getvalue().decode("latin-1"), errors.getvalue()])

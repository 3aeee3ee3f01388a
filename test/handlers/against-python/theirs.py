"""Performs the cases of cases.ts with CPython's own wsgiref; case.ts describes their language."""

import errno
import io
import json
import re
import sys
import warnings
from wsgiref import handlers, simple_server


class ApplicationError(Exception):
    pass


SYSTEM_ERRORS = {
    "ECONNRESET": ConnectionResetError,
    "EPIPE": BrokenPipeError,
    "ECONNABORTED": ConnectionAbortedError,
    "ENOSPC": OSError,
}
HANDLERS = {
    "SimpleHandler": handlers.SimpleHandler,
    "BaseCGIHandler": handlers.BaseCGIHandler,
    "ServerHandler": simple_server.ServerHandler,
}


def make_error(message, name=None):
    if name is None:
        return ApplicationError(message)
    return SYSTEM_ERRORS[name](getattr(errno, name), message)


def describe(error):
    if isinstance(error, ConnectionError):
        return "SystemError: disconnected"
    if isinstance(error, OSError):
        return f"SystemError: {errno.errorcode[error.errno]}"
    return f"{type(error).__name__}: {error}"


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def as_bytes(value):
    if isinstance(value, str):
        return value.encode("latin-1")
    return value["text"] if isinstance(value, dict) else value


def as_text(value):
    return value["bytes"].encode("latin-1") if isinstance(value, dict) else value


def as_headers(value):
    if not isinstance(value, list):
        return as_text(value)
    return [
        tuple(map(as_text, item)) if isinstance(item, list) else as_text(item)
        for item in value
    ]


class Events(list):
    """What happens; output that nothing has come between is one event."""

    def sent(self, data):
        if self and self[-1].startswith("out "):
            self[-1] += data
        else:
            self.append("out " + data)


class Output:
    def __init__(self, events, failsAt=None, error=None, takes=None):
        self.events = events
        self.text = ""
        self.fails_at = failsAt
        self.error = error
        self.takes = takes

    def write(self, data):
        text = data.decode("latin-1")
        if self.fails_at is not None and self.fails_at in text:
            self.events.append("output fails")
            raise make_error("the output fails", self.error)
        if self.takes is not None:
            text = text[: self.takes]
        self.text += text
        self.events.sent(text)
        return len(text) if self.takes is not None else None

    def flush(self):
        self.events.append("flush")


class RequestHandler:
    """What a ServerHandler logs requests to."""

    def __init__(self, events):
        self.events = events

    def log_request(self, code, size):
        self.events.append(f"log_request {code} {size}")


def recording(base, methods, events):
    """A handler that notes the calls of its methods."""

    def noting(name):
        def call(self, *args):
            events.append(name)
            return getattr(base, name)(self, *args)

        return call

    def log_exception(self, exc_info):
        events.append("log_exception " + describe(exc_info[1]))
        stderr = self.stderr
        before = len(stderr.getvalue())
        base.log_exception(self, exc_info)
        logged = stderr.getvalue()[before:]
        last = str(exc_info[1]).rpartition("\n")[2]
        if "Traceback" not in logged or not logged.endswith(last + "\n"):
            raise SystemExit("no traceback was logged: " + logged)
        stderr.seek(before)
        stderr.truncate()
        stderr.write("[" + describe(exc_info[1]) + "]\n")

    members = {name: noting(name) for name in methods}
    return type("Recording", (base,), {**members, "log_exception": log_exception})


class Performer:
    """Does what an application is to do."""

    def __init__(self, application, events):
        self.application = application
        self.events = events

    def __call__(self, environ, start_response):
        self.environ = environ
        self.start_response = start_response
        self.writer = None
        application = self.application
        form = application["form"]
        self.events.append("called")
        if form == "generator":
            return self.perform(application["steps"])
        if form == "class":
            return Iterable(self, application["steps"], None)
        blocks = list(self.perform(application["steps"]))
        if form == "list":
            return blocks
        if form == "file":
            file = File(as_bytes(application["value"]), self)
            size = application.get("blockSize")
            wrapper = environ["wsgi.file_wrapper"]
            return wrapper(file) if size is None else wrapper(file, size)
        if form == "iterable":
            return Iterable(self, application["iteration"], application.get("length"))
        return as_bytes(application["value"])

    def perform(self, steps, caught=None):
        for name, *args in steps:
            if name == "yield":
                yield as_bytes(args[0])
            elif name == "try":
                try:
                    yield from self.perform(args[0], caught)
                except Exception as error:
                    self.events.append("caught " + describe(error))
                    yield from self.perform(args[1], sys.exc_info())
            elif name == "finally":
                try:
                    yield from self.perform(args[0], caught)
                finally:
                    yield from self.perform(args[1], caught)
            else:
                getattr(self, "do_" + name)(caught, *args)

    def do_start(self, caught, status, headers, exc_info=None):
        args = {
            None: [],
            "null": [None],
            "extra": [None, None],
            "caught": [caught],
            "made": [(ApplicationError, ApplicationError("made"), None)],
        }[exc_info]
        self.writer = self.start_response(as_text(status), as_headers(headers), *args)

    def do_write(self, caught, block):
        self.writer(as_bytes(block))
        self.events.append("written")

    def do_raise(self, caught, message, name=None):
        self.events.append("raises")
        raise make_error(message, name)

    def do_read(self, caught, *size):
        self.note_input("read", self.environ["wsgi.input"].read(*size))

    def do_readline(self, caught, *size):
        self.note_input("readline", self.environ["wsgi.input"].readline(*size))

    def do_readlines(self, caught, *hint):
        lines = self.environ["wsgi.input"].readlines(*hint)
        self.note_input("readlines", b"|".join(lines))

    def note_input(self, method, data):
        self.events.append(f"{method} {data.decode('latin-1')}")

    def do_variable(self, caught, key):
        self.events.append(f"{key} = {compact(self.environ.get(key))}")

    def do_set(self, caught, key, value):
        self.environ[key] = value

    def do_log(self, caught, text):
        self.environ["wsgi.errors"].write(text)

    def do_note(self, caught, text):
        self.events.append(text)


class Iterable:
    def __init__(self, performer, steps, length):
        self.performer = performer
        self.steps = steps
        self.length = length
        if "close" in performer.application:
            self.close = self.do_close

    def __iter__(self):
        self.performer.events.append("iter")
        return self.performer.perform(self.steps)

    def __len__(self):
        if self.length is None:
            raise TypeError("no length")
        return self.length

    def do_close(self):
        self.performer.events.append("result.close")
        for _ in self.performer.perform(self.performer.application["close"]):
            pass


class File:
    def __init__(self, data, performer):
        self.stream = io.BytesIO(data)
        self.performer = performer

    def read(self, size):
        block = self.stream.read(size)
        self.performer.events.append(f"file.read {size}: {len(block)}")
        return block

    def close(self):
        self.performer.events.append("file.close")


def application_of(case, events):
    application = case["application"]
    if application["form"] == "none":
        return as_bytes(application["value"])
    return Performer(application, events)


def answer(case, request, methods):
    events = Events()
    variables = {**request, **case.get("environ", {})}
    environ = {key: value for key, value in variables.items() if value is not None}
    base = HANDLERS[case.get("handler", "SimpleHandler")]
    output = Output(events, **case.get("output", {}))
    stderr = io.StringIO()
    handler = recording(base, methods, events)(
        io.BytesIO(case.get("input", "").encode("latin-1")),
        output,
        stderr,
        environ,
        **case.get("options", {}),
    )
    handler.request_handler = RequestHandler(events)
    for name, value in {"os_environ": {}, **case.get("attributes", {})}.items():
        if value == "its own":
            continue
        if name == "error_body":
            value = as_bytes(value)
        if name == "error_headers":
            value = as_headers(value)
        setattr(handler, name, value)

    application = application_of(case, events)
    raised = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            handler.run(application)
        except Exception as error:
            raised = describe(error)
    return {
        "output": output.text,
        "log": stderr.getvalue(),
        "events": events,
        "raised": raised,
        "environ": shown(getattr(application, "environ", {})),
        "warnings": [f"{w.category.__name__}: {w.message}" for w in caught],
    }


def shown(environ):
    return {
        key: value
        for key, value in environ.items()
        if key not in ("wsgi.input", "wsgi.errors", "wsgi.file_wrapper")
    } | {"wsgi.file_wrapper": "wsgi.file_wrapper" in environ}


def answers(cases, request, methods):
    cases, request, methods = map(json.loads, (cases, request, methods))
    return json.dumps([answer(case, request, methods) for case in cases])

/** The name that Python's tracebacks know the bridge by. */
export const PYTHON_HALF_FILE = '<@wsgiref/python>';

/**
 * The half of the bridge that is Python: it makes of what crosses what PEP 3333 asks for.
 *
 * JavaScript calls its functions, none of which raises: what goes wrong is handed to `threw()`. Text
 * crosses as text, several values as JSON, bytes as `Uint8Array`; anything else as a proxy.
 */
export const PYTHON_HALF: string = String.raw`
import asyncio
import contextvars
import importlib
import io
import json
import sys
import traceback
import wsgiref.util

from pyodide.ffi import JsBuffer, JsException, can_run_sync, destroy_proxies, run_sync, to_js

# Every request has a context of its own, as if it had a thread of its own.
BASE = contextvars.copy_context()

# Whether Python has been entered for a request of JavaScript's.
ENTERED = contextvars.ContextVar("wsgiref.entered", default=False)

# Pyodide says that an event loop is always running, and code that must not be run by one refuses to.
LOOP = asyncio._get_running_loop()

# What a server throws, as those expect it that Python's servers are known to: what fails on the way
# from and to a client is an OSError.
KINDS = {"AssertionError": AssertionError, "TypeError": TypeError, "RangeError": ValueError}


def synchronously(function, *args):
    """Calls what is written for a server that has no event loop."""
    asyncio._set_running_loop(None)
    try:
        return function(*args)
    finally:
        asyncio._set_running_loop(LOOP)


def wait(promise):
    """What a promise comes to; meanwhile others run."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(LOOP)
    try:
        return run_sync(promise)
    finally:
        asyncio._set_running_loop(loop)


def outward(exception):
    """What JavaScript is to throw: an error of its own that comes back, or a description."""
    if isinstance(exception, JsException):
        return exception
    if hasattr(exception, "thrown"):
        return exception.thrown
    tb = exception.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename == __file__:
        tb = tb.tb_next
    cls = type(exception)
    name = cls.__qualname__
    if cls.__module__ not in ("builtins", "__main__"):
        name = f"{cls.__module__}.{name}"
    try:
        message = str(exception)
    except Exception:
        message = ""
    lines = traceback.format_exception(cls, exception, tb)
    return json.dumps({"type": name, "message": message, "traceback": "".join(lines)})


def inward(thrown):
    """An exception of Python's for what JavaScript has thrown."""
    exception = KINDS.get(thrown.name, OSError)(thrown.message)
    exception.thrown = thrown
    return exception


# An application of Python's, for a server in JavaScript.


def load(name, server):
    """Finds an application by its name: module:attribute, or module:factory()."""
    module_name, _, path = name.partition(":")
    path = path or "application"
    is_factory = path.endswith("()")
    try:
        try:
            found = synchronously(importlib.import_module, module_name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
                raise
            server.refuse("module", error.name)
            return None
        for attribute in path.removesuffix("()").split("."):
            if not hasattr(found, attribute):
                server.refuse("attribute", attribute)
                return None
            found = getattr(found, attribute)
        application = synchronously(found) if is_factory else found
    except BaseException as error:
        server.threw(outward(error))
        return None
    if not callable(application):
        server.refuse("callable", repr(application))
        return None
    return application


class Call:
    """One call of an application."""

    def __init__(self, server):
        self.server = server
        self.context = BASE.copy()
        self.result = None
        self.iterator = None

    def run(self, function, *args):
        try:
            return synchronously(self.context.run, function, *args)
        except BaseException as error:
            self.server.threw(outward(error))

    def seam(self, name, *args):
        """Calls what the server has supplied, and waits for its promise."""
        try:
            value = getattr(self.server, name)(*args)
            promise = getattr(value, "promise", None)
            if promise is None:
                return value
            if can_run_sync():
                return wait(promise)
        except JsException as error:
            raise inward(error) from None
        # There is nothing in it that the application needs now.
        self.server.later(promise)


def begin(application, server, variables, names, values):
    """Calls an application; returns what the other functions want."""
    call = Call(server)
    call.run(_begin, call, application, variables, names, values)
    return call


def _begin(call, application, variables, names, values):
    ENTERED.set(True)
    server = call.server
    environ = json.loads(variables)
    for name, value in zip(json.loads(names), values):
        environ[name] = value
    environ["wsgi.version"] = (1, 0)
    environ["wsgi.input"] = io.BufferedReader(Input(call))
    environ["wsgi.input_terminated"] = True
    environ["wsgi.errors"] = Errors(call)
    if server.hasFileWrapper:
        environ["wsgi.file_wrapper"] = FileWrapper

    def write(data):
        if type(data) is not bytes:
            raise AssertionError(f"write() argument must be a bytes instance (got {data!r})")
        call.seam("write", to_js(data))

    def start_response(status, headers, exc_info=None):
        checked = json.dumps(check_response(status, headers))
        try:
            error = None if not exc_info else outward(exc_info[1])
            # The server throws the error itself if it is too late for another response.
            if call.seam("startResponse", status, checked, error):
                raise exc_info[1].with_traceback(exc_info[2])
        finally:
            exc_info = None
        return write

    call.result = application(environ, start_response)
    if type(call.result) is FileWrapper:
        server.returnedFile(call.result.blksize)
    elif hasattr(call.result, "__len__"):
        server.returned(len(call.result))


def check_response(status, headers):
    if not isinstance(status, str):
        raise AssertionError(f"Status must be of type str (got {status!r})")
    if not isinstance(headers, list):
        raise TypeError(f"Headers should be a list (got {headers!r})")
    pairs = []
    for header in headers:
        name, value = header
        for title, text in (("name", name), ("value", value)):
            if not isinstance(text, str):
                raise AssertionError(f"Header {title} must be of type str (got {text!r})")
        pairs.append((name, value))
    return pairs


def step(call):
    """The next block; None at the end."""
    return call.run(_step, call)


def _step(call):
    if call.iterator is None:
        call.iterator = iter(call.result)
    try:
        block = next(call.iterator)
    except StopIteration:
        return None
    if type(block) is not bytes:
        raise AssertionError(f"write() argument must be a bytes instance (got {block!r})")
    return to_js(block)


def read_file(call, size):
    """The next block of a file that the application has returned in a file wrapper."""
    return call.run(lambda: to_js(call.result.filelike.read(size)))


def finish(call):
    """Closes the result."""
    call.run(_finish, call)


def _finish(call):
    # A generator that is left in the middle is closed with the last that knows it.
    call.iterator = None
    result, call.result = call.result, None
    if hasattr(result, "close"):
        result.close()


class Input(io.RawIOBase):
    """The request body, as it comes."""

    def __init__(self, call):
        self._call = call

    def readable(self):
        return True

    def readinto(self, buffer):
        block = self._call.seam("read", len(buffer)).to_bytes()
        buffer[: len(block)] = block
        return len(block)


class Errors(io.TextIOBase):
    """The log of the server."""

    def __init__(self, call):
        self._call = call

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._call.seam("log", text)
        return len(text)

    def flush(self):
        self._call.seam("flushLog")

    def close(self):
        """PEP 3333 has no close() for it: it is the server's."""


class FileWrapper(wsgiref.util.FileWrapper):
    """What tells the server that a result is a file."""


# An application of JavaScript's, for a server in Python.


class Application:
    """What Python's servers call."""

    def __init__(self, call):
        self._call = call

    def __call__(self, environ, start_response):
        return Exchange(environ, start_response).begin(self._call)


class Exchange:
    """One call of an application of JavaScript's."""

    def __init__(self, environ, start_response):
        self.environ = environ
        self.start_response = start_response
        self.write = None
        # The last exception that JavaScript has been told of, which it may let go on.
        self.raised = None
        # The application's side, until it is over.
        self.call = None
        self.proxies = None

    def begin(self, call):
        variables = {}
        names = []
        values = []
        for name, value in self.environ.items():
            if name in ("wsgi.version", "wsgi.input", "wsgi.errors", "wsgi.file_wrapper"):
                continue
            if isinstance(value, (str, bool)):
                variables[name] = value
            else:
                names.append(name)
                values.append(value)
        self.proxies = to_js([])
        others = to_js([self, *values], depth=1, pyproxies=self.proxies)
        try:
            self.call = call(can_run_sync(), json.dumps(variables), json.dumps(names), others)
            outcome = self.settle(self.call.begin())
        except BaseException:
            self.destroy()
            raise
        if outcome.kind == "result":
            return Result(self)
        if outcome.kind == "measured":
            return MeasuredResult(self, outcome.value)
        self.destroy()
        return outcome.value

    def settle(self, outcome):
        """What an operation of JavaScript's has come to."""
        promise = getattr(outcome, "promise", None)
        if promise is not None:
            if not can_run_sync():
                raise RuntimeError(self.call.abandon(promise))
            outcome = wait(self.call.outside(promise).promise if ENTERED.get() else promise)
        if outcome.kind == "raised":
            # As it was when it left Python: JavaScript has let it go on.
            raise self.raised
        return outcome

    def destroy(self):
        self.call = None
        proxies, self.proxies = self.proxies, None
        if proxies is not None:
            destroy_proxies(proxies)


class Result:
    """What Python's server iterates over, and closes."""

    def __init__(self, exchange):
        self._exchange = exchange

    def __iter__(self):
        return self

    def __next__(self):
        exchange = self._exchange
        if exchange.call is None:
            raise StopIteration
        outcome = exchange.settle(exchange.call.next())
        if outcome.kind == "end":
            raise StopIteration
        return as_bytes(outcome.value)

    def close(self):
        exchange = self._exchange
        if exchange.call is not None:
            try:
                exchange.settle(exchange.call.close())
            finally:
                exchange.destroy()

    def __del__(self):
        self._exchange.destroy()


class MeasuredResult(Result):
    """The same, of a result that knows how many blocks it has."""

    def __init__(self, exchange, length):
        super().__init__(exchange)
        self._length = length

    def __len__(self):
        return self._length


def hosted(server, exchange, operation, *args):
    """What an application of JavaScript's asks Python's server for."""
    try:
        return OPERATIONS[operation](exchange, *args)
    except BaseException as error:
        exchange.raised = error
        server.threw(outward(error))


def as_bytes(data):
    # What is something else, be it a buffer of another kind, is for the server to refuse.
    if isinstance(data, JsBuffer) and data.constructor.name == "Uint8Array":
        return data.to_bytes()
    return data


def hosted_start(exchange, status, headers, *exc_info):
    headers = json.loads(headers)
    if isinstance(headers, list):
        headers = [tuple(header) if isinstance(header, list) else header for header in headers]
    if not exc_info:
        exchange.write = exchange.start_response(status, headers)
        return
    try:
        raise exchange.raised if exc_info[0] is True else exc_info[0]
    except BaseException:
        # Some servers raise what is being handled, and not what they are given.
        exchange.write = exchange.start_response(status, headers, sys.exc_info())


OPERATIONS = {
    "start": hosted_start,
    "write": lambda exchange, data: exchange.write(as_bytes(data)),
    "read": lambda exchange, method, *size: to_js(
        getattr(exchange.environ["wsgi.input"], method)(*size)
    ),
    "log": lambda exchange, text: exchange.environ["wsgi.errors"].write(text),
    "flushLog": lambda exchange: exchange.environ["wsgi.errors"].flush(),
}

FUNCTIONS = {
    "canRunSync": can_run_sync,
    "load": load,
    "begin": begin,
    "step": step,
    "readFile": read_file,
    "finish": finish,
    "hosted": hosted,
    "host": Application,
}
`;

"""Python's side of against-python.test.ts: wsgiref.util, io and posixpath."""

import io
import posixpath
from wsgiref import util


def shift_path_info(environ):
    name = util.shift_path_info(environ)
    return [name, environ]


def setup_testing_defaults(environ):
    util.setup_testing_defaults(environ)
    return [
        [key, value.read() if hasattr(value, "read") else value]
        for key, value in environ.items()
    ]


def file_wrapper(data, *blksize):
    return list(util.FileWrapper(io.BytesIO(data.encode("latin-1")), *blksize))


def bytes_io(data, operations):
    return operate(
        io.BytesIO(data.encode("latin-1")),
        operations,
        lambda arg: arg.encode("latin-1") if isinstance(arg, str) else arg,
    )


def string_io(text, operations):
    return operate(io.StringIO(text), operations, lambda arg: arg)


def operate(stream, operations, to_argument):
    return [
        answer(getattr(stream, name), [to_argument(arg) for arg in args])
        for name, *args in operations
    ]


CALLS = {
    "repr": repr,
    "repr_bytes": lambda text: repr(text.encode("latin-1")),
    "encode_latin1": lambda text: text.encode("latin-1"),
    "normpath": posixpath.normpath,
    "guess_scheme": util.guess_scheme,
    "application_uri": util.application_uri,
    "request_uri": util.request_uri,
    "shift_path_info": shift_path_info,
    "setup_testing_defaults": setup_testing_defaults,
    "is_hop_by_hop": util.is_hop_by_hop,
    "FileWrapper": file_wrapper,
    "BytesIO": bytes_io,
    "StringIO": string_io,
}

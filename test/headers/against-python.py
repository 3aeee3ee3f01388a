"""Python's side of against-python.test.ts: wsgiref.headers."""

from wsgiref.headers import Headers, _formatparam


def headers(pairs, operations):
    """What each operation on the headers returns, and what is left in the end."""
    wrapped = pairs and [tuple(pair) for pair in pairs]
    h = Headers(wrapped)
    results = [answer(getattr(h, name), args) for name, *args in operations]
    left = h.items() if wrapped is None else wrapped
    return [results, left, str(h), answer(bytes, [h])]


def add_header(name, value, params):
    h = Headers()
    h.add_header(name, value, **dict(params))
    return h.items()


CALLS = {
    "Headers": headers,
    "new": lambda value: len(Headers(value)),
    "add_header": add_header,
    "_formatparam": _formatparam,
}

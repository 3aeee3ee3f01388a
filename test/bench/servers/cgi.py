# The same CGI script in Python.

from wsgiref.handlers import CGIHandler


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello, World!"]


CGIHandler().run(hello)

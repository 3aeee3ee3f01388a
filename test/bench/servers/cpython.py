"""CPython's server with its default classes; only the access log is off."""

import os
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class QuietHandler(WSGIRequestHandler):
    def log_request(self, code="-", size="-"):
        pass


class Server(WSGIServer):
    # The default of 5 drops connections of a burst, and clients wait a second before they try again.
    request_queue_size = 511


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello, World!"]


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


httpd = make_server("127.0.0.1", 0, hello, server_class=Server, handler_class=QuietHandler)
threading.Thread(target=end_with_stdin, daemon=True).start()
print(f"http://127.0.0.1:{httpd.server_port}/", flush=True)
httpd.serve_forever()

"""CPython's server with its default classes; only the access log is off."""

import os
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from hello import announce, hello


class QuietHandler(WSGIRequestHandler):
    def log_request(self, code="-", size="-"):
        pass


class Server(WSGIServer):
    # The default of 5 drops connections of a burst, and clients wait a second before they try again.
    request_queue_size = 511


httpd = make_server("127.0.0.1", 0, hello, server_class=Server, handler_class=QuietHandler)
announce(httpd.server_port, lambda: os._exit(0))
httpd.serve_forever()

"""What the servers in Python serve."""

import sys
import threading


def hello(environ, start_response):
    body = b"Hello, World!"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def announce(port, end):
    """Tells the benchmark where the server is, and ends it with the standard input."""

    def wait():
        sys.stdin.read()
        end()

    threading.Thread(target=wait, daemon=True).start()
    print(f"http://127.0.0.1:{port}/", flush=True)

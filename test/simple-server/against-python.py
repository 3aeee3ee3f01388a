"""Python's side of against-python.test.ts: requests to a wsgiref server, over a real socket."""

import io
import os
import re
import socket
import sys
import threading

os.environ.clear()  # wsgiref copies it into every environ: see DIFFERS(3).

from wsgiref import simple_server  # noqa: E402

# What is longer than this is recorded by its length alone.
LONG = 300


def short(text):
    return text if len(text) <= LONG else f"{text[:20]}... {len(text)} characters"


def serve(parts):
    request = "".join(p if isinstance(p, str) else p[0] * p[1] for p in parts)
    seen = {}

    def app(environ, start_response):
        plain = {k: v for k, v in environ.items() if not k.startswith("wsgi.")}
        plain["SERVER_PORT"] = "-"
        seen["variables"] = {k: short(v) for k, v in plain.items()}
        seen["protocol"] = {
            key: environ["wsgi." + key]
            for key in ("version", "url_scheme", "multithread", "multiprocess", "run_once")
        }
        length = environ["CONTENT_LENGTH"]
        size = min(int(length), 10**6) if re.fullmatch("[0-9]+", length) else 0
        body = environ["wsgi.input"].read(size)
        seen["body"] = short(body.decode("latin-1"))
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return [body]

    server = simple_server.make_server("127.0.0.1", 0, app)
    replies = []
    client = threading.Thread(target=exchange, args=(server.server_port, request, replies))
    log = sys.stderr = io.StringIO()
    try:
        client.start()
        server.handle_request()
    finally:
        client.join()
        sys.stderr = sys.__stderr__
        server.server_close()
    reply = replies[0].decode("latin-1")
    reply = re.sub(r"^Date: .*\r$", "Date: -\r", reply, count=1, flags=re.M)
    reply = re.sub(r"^(Server: \S+) .*\r$", r"\1 -\r", reply, count=1, flags=re.M)
    lines = re.sub(r"\[../.../.... ..:..:..\]", "[-]", log.getvalue())
    return {"seen": seen or None, "reply": short_page(reply), "log": short_lines(lines)}


def short_lines(text):
    return "\n".join(map(short, text.split("\n")))


def short_page(reply):
    head, blank, body = reply.partition("\r\n\r\n")
    return short_lines(head) + blank + short_lines(body)


def exchange(port, request, replies):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        reply = b""
        try:
            client.sendall(request.encode("latin-1"))
            client.shutdown(socket.SHUT_WR)
            while block := client.recv(65536):
                reply += block
        except ConnectionError:
            pass  # With bytes unread the server resets the connection: see DIFFERS(21).
        replies.append(reply)


CALLS = {"serve": lambda *parts: serve(parts)}

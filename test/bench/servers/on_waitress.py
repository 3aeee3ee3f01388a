"""waitress with its defaults: a loop that reads and writes, and four threads for the application."""

import logging
import os

from waitress.server import create_server

from hello import announce, hello

# It would write a line whenever a request waits for a thread, as under load they all do.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)

server = create_server(hello, host="127.0.0.1", port=0, backlog=1024)
announce(server.effective_port, lambda: os._exit(0))
server.run()

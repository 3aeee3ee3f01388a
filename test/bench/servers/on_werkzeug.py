"""The Flask project of the tests in Werkzeug's development server, as `flask run` starts it."""

import logging
import os
import sys

from werkzeug.serving import make_server

from hello import announce

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../python/fixtures/flaskproject"))

from shop import app  # noqa: E402

# The access log.
logging.getLogger("werkzeug").setLevel(logging.ERROR)

httpd = make_server("127.0.0.1", 0, app, threaded=True)
announce(httpd.server_port, lambda: os._exit(0))
httpd.serve_forever()

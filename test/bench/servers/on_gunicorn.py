"""gunicorn with its defaults: one worker, which serves one connection after another."""

import os
import signal

from gunicorn.app.base import BaseApplication

from hello import announce, hello


def when_ready(arbiter):
    (_, port) = arbiter.LISTENERS[0].getsockname()
    # As Ctrl-C would, so that the worker ends, too.
    announce(port, lambda: os.kill(os.getpid(), signal.SIGINT))


class Gunicorn(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", "127.0.0.1:0")
        self.cfg.set("loglevel", "critical")
        self.cfg.set("when_ready", when_ready)

    def load(self):
        return hello


Gunicorn().run()

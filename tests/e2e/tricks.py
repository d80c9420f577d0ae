"""An application that does what it is asked, to see how a stack is measured: it fails, waits, burns and holds."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

burning = threading.Event()
held = []


def burn():
    while True:
        burning.wait()
        sum(range(10000))


class Tricks(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        trick = urlsplit(self.path).path.strip("/")
        if trick == "burn":
            burning.set()
        elif trick == "hold" and not held:
            held.append(b"x" * (440 << 20))
        elif trick == "calm":
            burning.clear()
            held.clear()
        elif trick == "wait":
            time.sleep(2.5)
        elif trick == "drop":
            self.close_connection = True
            return
        statuses = {"fail": 500, "missing": 404, "moved": 302}
        body = b'{"status": "healthy"}'
        self.send_response(statuses.get(trick, 200))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


threading.Thread(target=burn, daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", 5000), Tricks).serve_forever()

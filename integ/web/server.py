"""A web server of the standard library that answers line by line."""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LINES = 20


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for line in range(1, LINES + 1):
            self.chunk(f"line {line} of {LINES}\n".encode())
            time.sleep(0.1)
        self.chunk(b"")

    do_POST = do_GET

    def chunk(self, data):
        self.wfile.write(b"%X\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


ThreadingHTTPServer(("127.0.0.1", int(os.environ["AWS_LWA_PORT"])), Page).serve_forever()

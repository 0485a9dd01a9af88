"""One answer to every request: the names of the settings that this process was given."""

import http.server
import json
import os


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(sorted(key for key in os.environ if key.startswith("MARKETDAY_"))).encode())

    def log_message(self, *_):
        return


def main():
    address = (os.environ["MARKETDAY_HOST"], int(os.environ["MARKETDAY_PORT"]))
    http.server.ThreadingHTTPServer(address, Answer).serve_forever()

"""The API on this machine, for one key: `api.py FILE`. Writes its address and the accepted key to FILE, and runs until
it is ended. Any other key is refused as the documentation describes."""

import json
import secrets
import string
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = "sk_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(48))
REFUSED = {"error": {"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"}}
ANSWERS = {
    "/v2/billing/balance": {"balance": "12.50", "currency": "USD"},
    "/v2/models": [{"id": "seedream-4", "name": "Seedream 4", "type": "image"}],
}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == f"Bearer {KEY}"
        status, body = (200, ANSWERS.get(self.path)) if known else (401, REFUSED)
        text = json.dumps(body or {}).encode()
        self.send_response(status if body else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
    ready = Path(sys.argv[1])
    ready.with_suffix(".new").write_text(f"http://127.0.0.1:{server.server_port}\n{KEY}\n")
    ready.with_suffix(".new").rename(ready)
    server.serve_forever()

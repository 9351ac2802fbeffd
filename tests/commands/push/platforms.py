"""Stands in for the platforms of `push` on this machine: answers what gh, kubectl, wrangler and doppler ask.

    python platforms.py FOLDER

Listens at FOLDER/github.sock and at 127.0.0.1; prints the port. FOLDER/held.json has the stored values,
FOLDER/asked.log the requests. FOLDER/mode sets how it behaves: `lie` (accepts a value and stores none), `deny` (rejects
every login), `late` (its clock is an hour behind), or correctly.
"""

import base64
import datetime
import http.server
import json
import os
import re
import socketserver
import sys
import threading
import urllib.parse

from nacl.public import PrivateKey, SealedBox

FOLDER = sys.argv[1]
PRIVATE = PrivateKey.generate()
HELD = {}


def mode():
    try:
        return open(os.path.join(FOLDER, "mode")).read().strip()
    except FileNotFoundError:
        return ""


def now():
    behind = datetime.timedelta(hours=1 if mode() == "late" else 0)
    return (datetime.datetime.now(datetime.timezone.utc) - behind).strftime("%Y-%m-%dT%H:%M:%SZ")


def hold(place, name, value):
    if mode() != "lie":
        HELD.setdefault(place, {})[name] = {"value": value, "at": now()}
        with open(os.path.join(FOLDER, "held.json"), "w") as file:
            json.dump(HELD, file)


class Platforms(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "here"

    def log_message(self, *_):
        pass

    def answer(self, code, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with open(os.path.join(FOLDER, "asked.log"), "a") as log:
            log.write(f"{self.command} {self.path}\n")
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query)
        for pattern, serve in ROUTES:
            found = re.fullmatch(pattern, path)
            if found:
                return serve(self, found, query, body)
        return self.answer(404, {"message": f"no {path} here", "kind": "Status", "code": 404, "reason": "NotFound"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve


def github_key(http, found, query, body):
    if mode() == "deny":
        return http.answer(401, {"message": "Bad credentials"})
    key = base64.b64encode(bytes(PRIVATE.public_key)).decode()
    return http.answer(200, {"key_id": "1", "key": key})


def github_secret(http, found, query, body):
    sealed = base64.b64decode(json.loads(body)["encrypted_value"])
    hold("github:" + place(found), found["name"], SealedBox(PRIVATE).decrypt(sealed).decode())
    return http.answer(201, {})


def github_list(http, found, query, body):
    if mode() == "deny":
        return http.answer(401, {"message": "Bad credentials"})
    held = HELD.get("github:" + place(found), {})
    secrets = [{"name": name, "created_at": at["at"], "updated_at": at["at"]} for name, at in held.items()]
    return http.answer(200, {"total_count": len(secrets), "secrets": secrets})


def github_repository(http, found, query, body):
    return http.answer(200, {"id": 1, "name": found["repo"].split("/")[1], "full_name": found["repo"]})


def place(found):
    environment = found.groupdict().get("env")
    return found["repo"] + (f"@{urllib.parse.unquote(environment)}" if environment else "")


def kubernetes_groups(http, found, query, body):
    return http.answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []})


def kubernetes_versions(http, found, query, body):
    return http.answer(200, {"kind": "APIVersions", "versions": ["v1"]})


def kubernetes_resources(http, found, query, body):
    secrets = {"name": "secrets", "singularName": "secret", "namespaced": True, "kind": "Secret",
               "verbs": ["create", "get", "list", "patch", "update", "delete"]}
    return http.answer(200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1",
                             "resources": [secrets]})


def kubernetes_secret(http, found, query, body):
    if mode() == "deny":
        return http.answer(401, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 401,
                                 "reason": "Unauthorized", "message": "Unauthorized"})
    at = f"kubernetes:{found['space']}/{found['name']}"
    if http.command == "PATCH":
        applied = json.loads(body)
        assert http.headers["Content-Type"] == "application/apply-patch+yaml", http.headers["Content-Type"]
        with open(os.path.join(FOLDER, "applied.json"), "w") as file:
            json.dump({"query": query, "metadata": applied["metadata"]}, file)
        for field, value in applied["data"].items():
            hold(at, field, base64.b64decode(value).decode())
    if at not in HELD and http.command == "GET":
        return http.answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404,
                                 "reason": "NotFound", "message": f'secrets "{found["name"]}" not found'})
    fields = {name: base64.b64encode(held["value"].encode()).decode() for name, held in HELD.get(at, {}).items()}
    return http.answer(200, {"kind": "Secret", "apiVersion": "v1", "type": "Opaque", "data": fields,
                             "metadata": {"name": found["name"], "namespace": found["space"]}})


def cloudflare(result):
    return {"success": True, "errors": [], "messages": [], "result": result}


def cloudflare_denied():
    return {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [],
            "result": None}


def cloudflare_secrets(http, found, query, body):
    if mode() == "deny":
        return http.answer(403, cloudflare_denied())
    at = "cloudflare:" + found["worker"]
    if http.command == "PUT":
        secret = json.loads(body)
        hold(at, secret["name"], secret["text"])
        return http.answer(200, cloudflare({"name": secret["name"], "type": "secret_text"}))
    return http.answer(200, cloudflare([{"name": n, "type": "secret_text"} for n in HELD.get(at, {})]))


def cloudflare_user(http, found, query, body):
    return http.answer(200, cloudflare({"id": "1", "email": "a@example.com"}))


def doppler_secrets(http, found, query, body):
    if mode() == "deny":
        return http.answer(401, {"success": False, "messages": ["Invalid Auth token"]})
    at = f"doppler:{query['project'][0]}/{query['config'][0]}"
    if http.command == "POST":
        given = json.loads(body)
        changes = given.get("change_requests") or [{"name": n, "value": v} for n, v in given["secrets"].items()]
        for change in changes:
            hold(at, change["name"], change["value"])
    secrets = {name: {"raw": held["value"], "computed": held["value"], "rawVisibility": "masked",
                      "computedVisibility": "masked", "note": ""} for name, held in HELD.get(at, {}).items()}
    return http.answer(200, {"success": True, "secrets": secrets})


REPO = r"/repos/(?P<repo>[^/]+/[^/]+)"
ROUTES = [
    (REPO + r"/actions/secrets/public-key", github_key),
    (REPO + r"/environments/(?P<env>[^/]+)/secrets/public-key", github_key),
    (REPO + r"/actions/secrets/(?P<name>\w+)", github_secret),
    (REPO + r"/environments/(?P<env>[^/]+)/secrets/(?P<name>\w+)", github_secret),
    (REPO + r"/actions/secrets", github_list),
    (REPO + r"/environments/(?P<env>[^/]+)/secrets", github_list),
    (REPO, github_repository),
    (r"/apis", kubernetes_groups),
    (r"/api", kubernetes_versions),
    (r"/api/v1", kubernetes_resources),
    (r"/api/v1/namespaces/(?P<space>[^/]+)/secrets/(?P<name>[^/]+)", kubernetes_secret),
    (r"/accounts/\w+/workers/scripts/(?P<worker>[^/]+)/secrets", cloudflare_secrets),
    (r"/user", cloudflare_user),
    (r"/v3/configs/config/secrets", doppler_secrets),
]


class Unix(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


# Ends with the process that started it: nobody else has its standard input.
tcp = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Platforms)
threading.Thread(target=tcp.serve_forever, daemon=True).start()
unix = Unix(os.path.join(FOLDER, "github.sock"), Platforms)
threading.Thread(target=unix.serve_forever, daemon=True).start()
print(tcp.server_address[1], flush=True)
sys.stdin.read()

# A client that sends exactly what a test says, for scripts that run under `exec --broker`.
import json, os, socket, sys, time
from urllib.parse import urlsplit

BASE = urlsplit(os.environ["GETIMG_AI_BASE_URL"])
TOKEN = os.environ["GETIMG_API_KEY"]


def connect():
    client = socket.create_connection((BASE.hostname, BASE.port))
    client.settimeout(20)
    return client


def rest(client):
    data = b""
    try:
        while chunk := client.recv(65536):
            data += chunk
    except ConnectionResetError:
        data += b"<reset>"
    return data


def talk(text):
    """Sends bytes unchanged, except TOKEN; returns everything until the connection ends."""
    client = connect()
    client.sendall(text.replace("TOKEN", TOKEN).encode("latin-1"))
    return rest(client).decode("latin-1")


def ask(method, target, fields="", body=""):
    """One request on a connection of its own; returns the status and the error's code, or the body."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    answer = talk(
        f"{method} {target} HTTP/1.1\r\nHost: {BASE.netloc}\r\nAuthorization: Bearer TOKEN\r\n"
        f"Connection: close\r\n{length}{fields}\r\n{body}"
    )
    return brief(answer)


def brief(answer):
    if not answer:
        return "closed"
    head, _, body = answer.partition("\r\n\r\n")
    status = head.split(" ")[1]
    try:
        error = json.loads(body)["error"]
        retry = " no-retry" if "x-should-retry: false" in head else ""
        return f"{status} {error['code']}{retry}"
    except (ValueError, KeyError, TypeError):
        return f"{status} {body}"

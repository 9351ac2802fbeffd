"""An API that answers every request after 100 ms: an application for hypercorn, with HTTP/2 like the real one."""

import asyncio

AWAY = 0.1
BODY = b'{"balance":"12.50","currency":"USD"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope, _, send):
    if scope["type"] != "http":
        return
    await asyncio.sleep(AWAY)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})

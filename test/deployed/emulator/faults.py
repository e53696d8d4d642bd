"""Faults on the way to a service, as ../faults.ts sets them: PUT /_faults/<name> with a list, DELETE /_faults/<name>, GET /_faults.

A set of faults has a name, so that tests that run at the same time do not clear each other's."""

import asyncio
import json
import random
import re
import urllib.parse

import ministack.app

_sets: dict[str, list[dict]] = {}
_SCOPE = re.compile(r"Credential=[^/,]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
_POLL_SECONDS = 0.02


def hit(**facts):
    """The first fault that is set for a request of these facts and strikes now. A fact that a fault does not name may be anything."""
    for faults in list(_sets.values()):
        for fault in faults:
            if any(name in fault and fault[name] != value for name, value in facts.items() if name != "text"):
                continue
            if fault.get("match", "") not in facts.get("text", ""):
                continue
            if fault.get("count", 1) <= 0 or random.random() >= fault.get("rate", 1):
                continue
            if "count" in fault:
                fault["count"] -= 1
            fault["hits"] = fault.get("hits", 0) + 1
            return fault
    return None


def is_set(fault):
    return any(each is fault for faults in list(_sets.values()) for each in faults)


def _facts(scope, body):
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = urllib.parse.unquote(scope.get("query_string", b"").decode())
    signed = _SCOPE.search(headers.get("authorization", "")) or _SCOPE.search(query.replace("X-Amz-", ""))
    region, service = signed.groups() if signed else ("", "")
    if service != "s3":
        # The table or the queue is named in the body alone.
        return {"service": service, "region": region, "op": headers.get("x-amz-target", scope["method"]).split(".")[-1], "text": body.decode(errors="replace")}
    bucket, _, key = scope["path"].lstrip("/").partition("/")
    op = "COPY" if "x-amz-copy-source" in headers else scope["method"]
    return {"service": service, "region": region, "op": op, "bucket": bucket, "text": key}


async def _reply(send, status, body, kind="application/json"):
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), (b"x-amzn-requestid", b"fault")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send, service, status, code):
    if service == "s3":
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>injected</Message></Error>"
        await _reply(send, status, text.encode(), "application/xml")
    else:
        await _reply(send, status, json.dumps({"__type": code, "message": "injected"}).encode(), "application/x-amz-json-1.0")


async def _whole(receive):
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body, receive):
    """As `receive`, of which the body was read already."""
    first = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again():
        return first.pop() if first else await receive()

    return receive_again


async def _set(scope, receive, send):
    name = scope["path"].rpartition("/")[2]
    body = await _whole(receive)
    if scope["method"] == "PUT":
        _sets[name] = json.loads(body)
    elif scope["method"] == "DELETE":
        _sets.pop(name, None)
    await _reply(send, 200, json.dumps(_sets).encode())


def install():
    stock = ministack.app.app

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return await stock(scope, receive, send)
        if scope["path"].startswith("/_faults"):
            return await _set(scope, receive, send)
        body = b""
        if _sets and any(name == b"x-amz-target" for name, _ in scope["headers"]):
            body = await _whole(receive)
            receive = _again(body, receive)
        facts = _facts(scope, body) if _sets else {}
        fault = hit(**facts) if facts.get("service") else None
        if fault is None:
            return await stock(scope, receive, send)
        if fault.get("hang"):
            # Nothing is answered while the fault is set; whoever still waits then is told to come again.
            while is_set(fault):
                await asyncio.sleep(_POLL_SECONDS)
            return await _refuse(send, facts["service"], 503, "ServiceUnavailable")
        if fault.get("delayMs"):
            await asyncio.sleep(fault["delayMs"] / 1000)
        if fault.get("lostAnswer"):
            # The service does what it is asked, and the asker never learns.
            async def nowhere(_message):
                return None

            await stock(scope, receive, nowhere)
            return await _refuse(send, facts["service"], 500, "InternalError")
        if fault.get("status"):
            return await _refuse(send, facts["service"], fault["status"], fault.get("code", "ServiceUnavailable"))
        return await stock(scope, receive, send)

    ministack.app.app = app

"""Gap: StartMessageMoveTask fails, and its policies are asked about no queue. A requeue of everything moves the dead letters back to where
they came from by it (A6)."""

import json
import threading
import time

from ministack.core import iam_actions
from ministack.services import lambda_svc, sqs

_tasks: list[dict] = []


def _queue_of(arn):
    parts = arn.split(":")
    if len(parts) != 6:
        return None
    _, _, _, region, account, name = parts
    url = sqs._queue_name_to_url.get_scoped(account, region, name)
    return sqs._queues.get_scoped(account, region, url) if url else None


def _sources_of(arn):
    redrives = ((queue, queue["attributes"].get("RedrivePolicy")) for queue in sqs._queues.values())
    return [queue for queue, policy in redrives if policy and json.loads(policy).get("deadLetterTargetArn") == arn]


def _missing(field):
    return sqs._Err("ResourceNotFoundException", f"The resource that you specified for the {field} parameter doesn't exist.", 404)


def _start(request, _url):
    arn, destination = request["SourceArn"], request.get("DestinationArn")
    letters = _queue_of(arn)
    if letters is None:
        raise _missing("SourceArn")
    sources = _sources_of(arn)
    if not sources:
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task["SourceArn"] == arn and task["Status"] == "RUNNING" for task in _tasks):
        raise sqs._Err("UnsupportedOperation", "There is already a task running. Only one active task is allowed for a source queue arn.")
    if destination and _queue_of(destination) is None:
        raise _missing("DestinationArn")
    task = {
        "TaskHandle": f"move-{len(_tasks)}-{time.time_ns()}",
        "Status": "RUNNING",
        "SourceArn": arn,
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": len(letters["messages"]),
        "StartedTimestamp": int(time.time() * 1000),
    }
    _tasks.insert(0, task)
    threading.Thread(target=_move, args=(task, letters, destination, sources[0]), daemon=True).start()
    return {"TaskHandle": task["TaskHandle"]}


def _move(task, letters, destination, fallback):
    while task["Status"] == "RUNNING":
        now = time.time()
        message = next((each for each in letters["messages"] if each.get("visible_at", 0) <= now), None)
        if message is None:
            task["Status"] = "COMPLETED"
            return
        letters["messages"].remove(message)
        origin = (message.get("sys") or {}).get("DeadLetterQueueSourceArn", "")
        target = _queue_of(destination) if destination else _queue_of(origin) or fallback
        kept = {name: value for name, value in (message.get("sys") or {}).items() if name != "DeadLetterQueueSourceArn"}
        # A moved message begins anew: its receives are counted from nothing.
        fresh = {"receive_count": 0, "receipt_handle": None, "first_receive_at": None, "visible_at": now, "sent_at": now}
        target["messages"].append({**message, **fresh, "sys": {**kept, "SentTimestamp": str(int(now * 1000))}})
        task["ApproximateNumberOfMessagesMoved"] += 1
        lambda_svc.esm_wake.set()


def _list(request, _url):
    arn = request["SourceArn"]
    if _queue_of(arn) is None:
        raise _missing("SourceArn")
    found = [task for task in _tasks if task["SourceArn"] == arn][: int(request.get("MaxResults") or 1)]
    return {"Results": [{name: value for name, value in task.items() if name != "TaskHandle" or task["Status"] == "RUNNING"} for task in found]}


def _named_by_arn(resource_of):
    def extract_resource_arn(service, method, path, headers, body, query_params, *rest, **named):
        # Alone of all requests these name their queue so.
        source = iam_actions._param(body, query_params, "SourceArn") if service == "sqs" else ""
        return source or resource_of(service, method, path, headers, body, query_params, *rest, **named)

    return extract_resource_arn


def install():
    iam_actions.extract_resource_arn = _named_by_arn(iam_actions.extract_resource_arn)
    sqs._HANDLERS.update({"StartMessageMoveTask": _start, "ListMessageMoveTasks": _list})

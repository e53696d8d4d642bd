"""Faults of functions themselves, set as those of services (faults.py) with service `lambda`, op `Invoke`, and `match` a part of the name.

`effect`: `throttle` (the call never begins), `crash` (its process is killed `delayMs` after it began),
`freeze` (its process is stopped `delayMs` after it began, until the time limit kills it)."""

import signal
import threading

import faults
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_SIGNALS = {"crash": signal.SIGKILL, "freeze": signal.SIGSTOP}


def install():
    _throttle()
    _interrupt()


def _throttle():
    stock = lambda_svc._execute_function_warm

    def execute(func, event, request_id):
        name = (func.get("config") or func).get("FunctionName", "")
        if faults.hit(service="lambda", op="Invoke", effect="throttle", text=name):
            return lambda_svc._throttle_response(reason_code="ConcurrentInvocationLimitExceeded", msg="Rate Exceeded: injected")
        return stock(func, event, request_id)

    lambda_svc._execute_function_warm = execute


def _interrupt():
    stock = lambda_runtime.Worker.invoke

    def invoke(self, *args, **kwargs):
        struck = next((fault for effect in _SIGNALS if (fault := _hit(effect, self.func_name))), None)
        if struck is None:
            return stock(self, *args, **kwargs)
        timer = threading.Timer(struck.get("delayMs", 0) / 1000, _strike, (self, _SIGNALS[struck["effect"]]))
        timer.start()
        try:
            return stock(self, *args, **kwargs)
        finally:
            # A call that ended before is spared, and so is the next one in the same process.
            timer.cancel()

    lambda_runtime.Worker.invoke = invoke


def _hit(effect, name):
    return faults.hit(service="lambda", op="Invoke", effect=effect, text=name)


def _strike(worker, what):
    process = worker._proc
    if process is not None and process.poll() is None:
        process.send_signal(what)

"""Gaps of policies, where they are enforced (AUTH=true).

1. A batch request to SQS is authorised by an action of its own name, which AWS does not have: whoever may send a message may send ten.
   https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
2. A key of slashes alone is taken for none, and the request for one of the bucket.
3. A wildcard does not stand for a line break, which a key may hold.
4. A policy cannot ask that writes are conditional.
   https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html"""

import re

from ministack.core import iam_actions, iam_evaluator

_SLASHES_ALONE = re.compile(r"^(/[^/]+/)/+$")


def install():
    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def extract_iam_action(service, method, path, *rest):
        action = action_of(service, method, _with_key(service, path), *rest)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    def extract_resource_arn(service, method, path, *rest, **named):
        return resource_of(service, method, _with_key(service, path), *rest, **named)

    context_of = iam_actions.s3_service_context

    def s3_service_context(iam_action, query_params, path="", headers=None):
        context = context_of(iam_action, query_params, path, headers)
        condition = (headers or {}).get("if-none-match") if iam_action == "s3:PutObject" else None
        return {**context, "s3:if-none-match": condition} if condition else context

    iam_actions.s3_service_context = s3_service_context
    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn
    iam_evaluator._fnmatch_compile = _compiled


def _with_key(service, path):
    return _SLASHES_ALONE.sub(r"\1slashes", path) if service == "s3" else path


def _compiled(pattern, ignore_case):
    signs = {"*": ".*", "?": "."}
    text = "".join(signs.get(sign, re.escape(sign)) for sign in pattern)
    # Compiled once: re keeps what it compiled.
    return re.compile(f"^{text}$", re.DOTALL | (re.IGNORECASE if ignore_case else 0))

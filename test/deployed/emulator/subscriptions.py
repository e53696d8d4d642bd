"""Gap: a template's subscription to a topic of another region (its property Region) is made in the stack's own, where there is no such topic,
and hears nothing. AWS makes it where the topic is.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html"""

from ministack.core.responses import get_account_id, request_scope
from ministack.services.cloudformation import provisioners


def install():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SNS::Subscription"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def created(logical_id, props, stack_name):
        with _where(props):
            return create(logical_id, props, stack_name)

    def updated(physical_id, old_props, new_props, stack_name, *rest, **named):
        with _where(new_props):
            return update(physical_id, old_props, new_props, stack_name, *rest, **named)

    def deleted(physical_id, props):
        with _where(props):
            return delete(physical_id, props)

    provisioners._RESOURCE_HANDLERS["AWS::SNS::Subscription"] = {**handlers, "create": created, "update": updated, "delete": deleted}


def _where(props):
    return request_scope(get_account_id(), props["Region"] if props.get("Region") else props["TopicArn"].split(":")[3])

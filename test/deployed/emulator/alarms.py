"""Gaps: CloudWatch reads no metrics from the lines of a function's log (its embedded metric format), and judges an alarm by every metric
of its name, whatever the dimensions, and by all its periods as one.

AWS does both by dimensions and period by period. What stays open: it is judged when something is told, never by silence."""

import json
import time

from ministack.services import cloudwatch, cloudwatch_logs

COMPARISONS = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
}


def _tell(line):
    told = json.loads(line)
    at = told["_aws"]["Timestamp"] / 1000
    for directive in told["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: told[name] for name in names}
            for metric in directive["Metrics"]:
                value = told[metric["Name"]]
                values = value if isinstance(value, list) else [value]
                cloudwatch._store_datum(
                    directive["Namespace"], metric["Name"], dimensions, at, metric["Unit"], None, values, None, None
                )


def _read_logs():
    stock = cloudwatch_logs._append_log_events

    def append(stream, events):
        stock(stream, events)
        lines = [event["message"] for event in events if event["message"].startswith('{"_aws":')]
        for line in lines:
            _tell(line)
        if lines:
            cloudwatch._evaluate_all_alarms()

    cloudwatch_logs._append_log_events = append


def _breaches(alarm, points, start, end):
    within = [point for point in points if start < point["Timestamp"] <= end]
    if not within:
        return alarm.get("TreatMissingData") == "breaching"
    value = cloudwatch._stat_value(cloudwatch._calc_stats(within), alarm.get("Statistic", "Average"), within)
    return COMPARISONS[alarm["ComparisonOperator"]](value, alarm["Threshold"])


def _judge(alarm):
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
    points = cloudwatch._metrics.get(key)
    if not points:
        return
    now, period, count = time.time(), alarm.get("Period", 60), alarm.get("EvaluationPeriods", 1)
    breaching = sum(_breaches(alarm, points, now - (n + 1) * period, now - n * period) for n in range(count))
    old, new = alarm["StateValue"], "ALARM" if breaching >= (alarm.get("DatapointsToAlarm") or count) else "OK"
    if old == new:
        return
    reason = f"{breaching} of {count} periods breach {alarm['Threshold']}"
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(now))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)


def install():
    _read_logs()
    cloudwatch._evaluate_alarm = _judge

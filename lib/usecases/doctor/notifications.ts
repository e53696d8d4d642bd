import type { Route } from '../../core/routes/route.ts';
import type { DiagnosedEndpoint, NotificationRule, Notifications } from '../../ports/diagnosis.ts';
import { type Chart, chartOf, type Finding } from './finding.ts';
import { covers, NEEDED, overlap } from './overlap.ts';

/** Who must be told of changes: a queue of a stack, or the embedded host's webhook, whose name in the store is not known. */
export type Listener = { readonly queueArn: string } | 'webhook';

/** Does the source tell of every change, and once? @param routes those that start in the region */
export async function checkNotifications(
  name: string,
  endpoint: DiagnosedEndpoint,
  routes: readonly Route[],
  listener: Listener,
): Promise<readonly Finding[]> {
  const chart = chartOf('notifications', `region ${name}`);
  const told = await endpoint.notifications();
  if (told === null) {
    return [
      chart.found(
        'info',
        'NOTIFICATION_UNKNOWN',
        'the store does not say whom it tells of changes',
        `${WEBHOOK_FIX} Write an object, and see it with \`tidemark events list\`.`,
      ),
    ];
  }
  const ours = listener === 'webhook' ? told.rules : told.rules.filter(({ target }) => target === listener.queueArn);
  const findings = [...missing(chart, told, ours, routes, listener), ...overlapping(chart, told.rules, ours)];
  return findings.length > 0 ? findings : [chart.ok('each change is told of, once')];
}

function missing(
  chart: Chart,
  { rules, eventBridge }: Notifications,
  ours: readonly NotificationRule[],
  routes: readonly Route[],
  listener: Listener,
): readonly Finding[] {
  if (listener !== 'webhook' && eventBridge) return [];
  const untold = routes.find(({ prefix }) => !covers(ours, prefix));
  if (!untold) return [];
  const keys = untold.prefix === '' ? 'changes' : `changes of keys that begin with ${JSON.stringify(untold.prefix)}`;
  if (listener === 'webhook') {
    const message = `the store tells nobody of all ${keys}: they are found by comparing the listings alone, a minute later`;
    return [chart.found('warning', 'NOTIFICATION_MISSING', message, WEBHOOK_FIX)];
  }
  const wanted: NotificationRule = { target: listener.queueArn, events: NEEDED, prefix: untold.prefix, suffix: '' };
  const rival = rules.find((rule) => rule.target !== listener.queueArn && overlap(rule, wanted));
  if (rival) {
    return [
      chart.found(
        'error',
        'NOTIFICATION_OVERLAP',
        `the bucket tells ${rival.target} of the same ${keys}, and S3 lets one alone be told of each: the events queue is not`,
        "Turn EventBridge on for the bucket, which takes nothing from anybody, and deploy with { events: 'eventbridge' }: docs/deploy.md.",
      ),
    ];
  }
  const fix = 'Run the command that `npm run deploy` ends with, or turn EventBridge on for the bucket: docs/deploy.md.';
  return [
    chart.found(
      'error',
      'NOTIFICATION_MISSING',
      `the bucket does not tell the events queue of all ${keys}: nothing is replicated until something else asks for it`,
      fix,
    ),
  ];
}

function overlapping(chart: Chart, rules: readonly NotificationRule[], ours: readonly NotificationRule[]): readonly Finding[] {
  const pair = ours.flatMap((one, index) => {
    const other = ours.slice(index + 1).find((each) => overlap(one, each));
    return other ? [[one, other] as const] : [];
  })[0];
  if (!pair || rules.length < 2) return [];
  const [one, other] = pair;
  return [
    chart.found(
      'warning',
      'NOTIFICATION_OVERLAP',
      `two rules tell of the same changes (prefixes ${JSON.stringify(one.prefix)} and ${JSON.stringify(other.prefix)}, to ${one.target} and ${other.target}): each is looked at twice, which costs and harms nothing`,
      'Keep the rule that covers both, and remove the other one.',
    ),
  ];
}

const WEBHOOK_FIX =
  'Let the store send s3:ObjectCreated:* and s3:ObjectRemoved:* to POST /events/s3 of the host, with EVENTS_TOKEN where that is set.';

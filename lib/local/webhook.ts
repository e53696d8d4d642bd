/** Tells a webhook what was replicated, from an outbox that outlives the process. */
import type { Log } from '../../lambdas/shared/log.ts';
import type { SqliteDatabase } from '../adapters/sqlite/database.ts';
import { SqliteOutbox } from '../adapters/sqlite/outbox.ts';
import { SystemIds } from '../adapters/system/ids.ts';
import { WebhookSender } from '../adapters/webhook/sender.ts';
import { webhookSecret } from '../adapters/webhook/sign.ts';
import type { TidemarkConfig } from '../config/config.ts';
import { type Environment, variable } from '../config/variable.ts';
import { TidemarkError } from '../core/errors.ts';
import type { Clock } from '../ports/system.ts';

export interface Webhook {
  readonly outbox: SqliteOutbox;
  readonly sender: WebhookSender;
}

export interface WebhookTarget {
  readonly url: string;
  readonly secret: Buffer;
}

/** @returns null where the configuration names none. @throws TidemarkError INVALID_CONFIG where its secret is missing or none */
export function webhookTarget({ completions }: TidemarkConfig, env: Environment): WebhookTarget | null {
  if (!completions?.webhook) return null;
  const { url, secretEnv } = completions.webhook;
  const text = variable(env, secretEnv);
  if (text === undefined) {
    const fix = 'Set it as by `echo whsec_$(openssl rand -base64 32)`, here and at the receiver.';
    throw new TidemarkError('INVALID_CONFIG', `${secretEnv}: not set, but completions.webhook takes its secret from it. ${fix}`, { secretEnv });
  }
  return { url, secret: webhookSecret(text, secretEnv) };
}

export function openWebhook(target: WebhookTarget, database: SqliteDatabase, clock: Clock): Webhook {
  const outbox = new SqliteOutbox(database, clock);
  return { outbox, sender: new WebhookSender({ ...target, outbox, clock, ids: new SystemIds() }) };
}

/** Sends what is due, and says so when the receiver begins to refuse, gives way again, or an event is given up. */
export function sending({ sender }: Webhook, log: Log): (signal: AbortSignal) => Promise<void> {
  let refused = false;
  return async (signal) => {
    const { sent, failed, dead, reason } = await sender.sendDue(signal);
    if (failed > 0 && !refused) log.warn('the webhook takes no events; they are sent again', { failed, reason });
    if (dead > 0) log.error('events were given up: the webhook did not take them for hours, or too many wait for it', { dead, reason });
    if (sent > 0 && refused) log.info('the webhook takes events again', { sent });
    if (sent + failed > 0) refused = failed > 0;
  };
}

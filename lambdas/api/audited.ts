/** What an operator asks for stands in the audit trail before it is done, and then what came of it. */
import { outcomeOf } from '../../lib/core/audit/entry.ts';
import { asTidemarkError } from '../../lib/core/errors.ts';
import { RequestError, statusOf } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';
import type { ApiRequest } from './request.ts';

/** Every call that changes something, of an operator; unless its endpoint says otherwise. */
export function isAudited({ method, access = 'operator', audited }: Declared): boolean {
  return method !== 'GET' && access === 'operator' && audited !== false;
}

/** What an endpoint declares of itself: endpoint.ts. */
interface Declared {
  readonly name: string;
  readonly method: string;
  readonly access?: string;
  readonly audited?: false;
}

/**
 * @param body as its schema took it: nothing else of a request is kept
 * @throws TidemarkError AUDIT_UNAVAILABLE where it cannot be told: then nothing is done
 */
export async function audited<T extends { readonly status: number }>(
  { audit }: Pick<Runtime, 'audit'>,
  { name }: Pick<Declared, 'name'>,
  { actor, path, requestId }: Pick<ApiRequest, 'actor' | 'path' | 'requestId'>,
  body: unknown,
  act: () => Promise<T>,
): Promise<T> {
  const intent = { action: name, actor, subject: path, details: { requestId, ...(isEmpty(body) ? {} : { body }) } };
  const told = await audit.append(intent);
  try {
    const answer = await act();
    await audit.note(outcomeOf(intent, told, { requestId, status: answer.status }));
    return answer;
  } catch (error) {
    const code = error instanceof RequestError ? {} : { code: asTidemarkError(error).code };
    await audit.note(outcomeOf(intent, told, { requestId, status: statusOf(error), ...code }));
    throw error;
  }
}

function isEmpty(body: unknown): boolean {
  return body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
}

import { PreconditionFailedError, TidemarkError } from '../../lib/core/errors.ts';
import { badRequest } from '../api/request.ts';
import { RequestError } from '../shared/problem.ts';

/** What a write was refused for, by the header that asked for it. @throws always */
export function asWriteProblem(error: unknown): never {
  if (error instanceof PreconditionFailedError)
    throw new RequestError(412, 'the object is not as If-Match or If-None-Match want it: nothing was written');
  if (error instanceof TidemarkError && error.code === 'INVALID_INPUT') {
    const field = typeof error.fields.field === 'string' ? error.fields.field : 'body';
    const message = error.message.startsWith(`${field}: `) ? error.message.slice(field.length + 2) : error.message;
    throw badRequest([{ field, message, fix: 'Send the bytes that the header tells of, all of them; nothing was stored.' }]);
  }
  throw error;
}

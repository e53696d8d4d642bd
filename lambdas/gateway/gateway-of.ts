import { keyProblem } from '../../lib/core/objects/key.ts';
import { badRequest } from '../api/request.ts';
import type { GatewayRuntime } from '../shared/gateway-runtime.ts';
import { RequestError } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';

/** @throws RequestError 404 where none is configured */
export function gatewayOf({ gateway }: Runtime): GatewayRuntime {
  if (gateway) return gateway;
  const fix =
    'Add `gateway: {}` to tidemark.config.ts beside a route with bidirectional: true, or set FAILOVER_MODE=auto, or start `tidemark serve --gateway`. On AWS it has an address of its own: GatewayUrl among the outputs of the stack.';
  throw new RequestError(404, 'path: there is no gateway here', [{ field: 'path', message: 'there is no gateway here', fix }]);
}

/** The key of a path, decoded once. @throws RequestError 400 for one that no bucket holds */
export function keyOf({ key = '' }: Readonly<Record<string, string>>): string {
  const message = keyProblem(key);
  if (message)
    throw badRequest([{ field: 'key', message, fix: 'Give the key as it stands in the bucket, percent-encoded: 1 to 1,024 bytes of UTF-8.' }]);
  return key;
}

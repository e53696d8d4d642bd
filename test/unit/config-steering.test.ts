/** What the configuration takes to steer a route, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { defineTidemark, type RouteInput, type TidemarkInput } from '../../lib/config/define.ts';

const REGIONS = { primary: { folder: './a' }, secondary: { folder: './b' } };
const ENDS = { from: 'primary', to: 'secondary' };
const config = (route: Partial<RouteInput>, more: Partial<TidemarkInput> = {}) =>
  defineTidemark({ regions: REGIONS, routes: [{ ...ENDS, ...route }], ...more });
const HOOK = { url: 'https://hooks.example.com/tidemark', secretEnv: 'HOOK_SECRET' };

describe('a route', () => {
  it('has its filters and its throttle as they are given, a suffix as a list', () => {
    const given = { minBytes: 0, maxBytes: 9, tags: { class: 'public' }, throttle: { bytesPerSec: 1.5 } };

    expect(config({ suffix: '.pdf', ...given }).routes[0]).toEqual({
      ...{ name: 'primary-secondary', ...ENDS, prefix: '', deletes: true },
      suffix: ['.pdf'],
      ...given,
    });
    expect(config({ suffix: ['.pdf', '.txt'] }).routes[0]?.suffix).toEqual(['.pdf', '.txt']);
  });

  it.each<readonly [string, Partial<RouteInput>]>([
    ['routes[0].suffix: a suffix is the end of a key', { suffix: '' }],
    ['routes[0].minBytes: expected at least 0', { minBytes: -1 }],
    ['routes[0].maxBytes: no object is that small: minBytes is more', { minBytes: 10, maxBytes: 9 }],
    ['routes[0].tags: an object has 1 to 10 tags', { tags: {} }],
    ['routes[0].throttle: a throttle bounds objects or bytes', { throttle: {} }],
    ['routes[0].throttle.objectsPerSec', { throttle: { objectsPerSec: 0 } }],
  ])('is refused: %s', (message, route) => {
    expect(() => config(route)).toThrow(message);
  });
});

describe('completions', () => {
  it('are told to nobody unless somebody is named', () => {
    expect(config({})).not.toHaveProperty('completions');
    expect(config({}, { completions: {} })).not.toHaveProperty('completions');
  });

  it.each([HOOK.url, 'http://127.0.0.1:9000/hook', 'http://localhost/hook?a=b', 'http://[::1]:1/'])('go to %s', (url) => {
    expect(config({}, { completions: { eventBridge: {}, webhook: { ...HOOK, url } } }).completions).toEqual({
      eventBridge: {},
      webhook: { ...HOOK, url },
    });
  });

  it.each([
    'http://hooks.example.com/tidemark',
    'https://user:secret@hooks.example.com',
    'https://user@hooks.example.com',
    'ftp://127.0.0.1/',
    'hooks.example.com',
    '',
  ])('do not go to %j', (url) => {
    expect(() => config({}, { completions: { webhook: { ...HOOK, url } } })).toThrow('completions.webhook.url: a webhook is an https address');
  });

  it('name a variable for the secret, and never hold it', () => {
    const secret = 'whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQ=';

    expect(() => config({}, { completions: { webhook: { ...HOOK, secretEnv: secret } } })).toThrow('completions.webhook.secretEnv');
    expect(() => config({}, { completions: { webhook: { ...HOOK, secretEnv: secret } } })).not.toThrow(secret);
  });

  it('name a bus as EventBridge does', () => {
    expect(config({}, { completions: { eventBridge: { busName: 'aws.partner/x' } } }).completions?.eventBridge).toEqual({ busName: 'aws.partner/x' });
    expect(() => config({}, { completions: { eventBridge: { busName: 'arn:aws:events:x' } } })).toThrow('completions.eventBridge.busName');
  });
});

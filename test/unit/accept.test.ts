import { expect, it } from 'vitest';
import { prefersPrometheus } from '../../lambdas/api/accept.ts';

it.each([
  ['text/plain'],
  ['text/plain; version=0.0.4'],
  ['application/openmetrics-text'],
  ['APPLICATION/OpenMetrics-Text; Version=1.0.0'],
  ['text/plain, application/json;q=0.5'],
  // As Prometheus 3 sends it.
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  ],
])('gives its text to who asks for it: %s', (accept) => {
  expect(prefersPrometheus(accept)).toBe(true);
});

it.each([
  [undefined],
  [''],
  ['*/*'],
  ['application/json'],
  ['application/json, text/plain;q=0.9'],
  ['application/json, text/plain, */*'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['text/html, text/plain;q=0.5'],
  ['text/plain;q=0'],
  ['text/*'],
])('gives JSON to anyone else: %s', (accept) => {
  expect(prefersPrometheus(accept)).toBe(false);
});

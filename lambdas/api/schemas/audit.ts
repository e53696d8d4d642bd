import * as z from 'zod';
import { SIGNATURE_ALGORITHMS } from '../../../lib/core/verify/algorithms.ts';
import { count, time } from './parts.ts';

const hash = z.string().meta({ description: 'SHA-256, hex.' });

const ENTRY = {
  sequence: 42,
  hash: '9b74c9897bac770ffc029102a200c5de5f4d4e1f7c2b3a495867786970615243',
  entry: {
    sequence: 42,
    at: 1_793_268_000_000,
    action: 'pauseRoute',
    actor: 'iam:arn:aws:sts::111122223333:assumed-role/operators/ana',
    subject: '/routes/primary-secondary/pause',
    details: { requestId: '019a9f3e-7c1e-7b44-9d0f-3a1c5e2b8f60' },
    previous: '3c9909afec25354d551dae21590bb26e38d53f2173b8d3dc3eee4c047e7ab1c1',
  },
};

const auditEntry = z
  .object({
    sequence: z.int().meta({ description: 'Its place in the chain, from 1; what stands before that was put in.' }),
    hash,
    entry: z
      .nullable(
        z.object({
          sequence: z.int(),
          at: time.meta({ description: 'When it was appended, by the clock of whoever did, ms since the epoch.' }),
          action: z.string().meta({ description: 'An operation of this API, or what was decided; `.outcome`: what came of it.' }),
          actor: z.string().meta({ description: '`iam:…`, `jwt:…`, `token`, `local`; `system`: by itself.' }),
          subject: z.optional(z.string()),
          details: z.optional(z.record(z.string(), z.unknown())),
          previous: hash.meta({ description: 'The hash of the entry before it.' }),
        }),
      )
      .meta({ description: 'null: what stands there is no entry, or not in its canonical form; `text` has it.' }),
    text: z.optional(z.string()),
  })
  .meta({ id: 'AuditEntry', description: 'The hash is that of the canonical JSON (RFC 8785) of `entry`.', examples: [ENTRY] });

export const auditPage = z
  .object({ entries: z.array(auditEntry), next: z.optional(z.int().meta({ description: 'There may be more: ask again with it as `after`.' })) })
  .meta({ id: 'AuditPage', examples: [{ entries: [ENTRY], next: 42 }] });

const HEAD = {
  length: 42,
  hash: ENTRY.hash,
  at: 1_793_268_040_000,
  algorithm: 'Ed25519' as const,
  publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
  signature: 'c2lnbmF0dXJlIG9mIHRoZSBoZWFkLCA2NCBieXRlcyBvZiBFZDI1NTE5LCBiYXNlNjQ=',
};

const signedHead = z
  .object({
    length: count.meta({ description: 'The sequence of the newest entry then.' }),
    hash: hash.meta({ description: 'Of that entry.' }),
    at: time,
    algorithm: z.enum(SIGNATURE_ALGORITHMS),
    publicKey: z.string().meta({ description: 'base64 of the DER.' }),
    signature: z.string().meta({ description: 'base64; docs/audit.md says what is signed.' }),
  })
  .meta({ id: 'AuditHead', description: 'What was true of the chain at a moment, signed.', examples: [HEAD] });

export const auditHeadView = z
  .object({
    length: count.meta({ description: 'Of the chain now.' }),
    hash: z.nullable(hash).meta({ description: 'Of the newest entry; null: there is none.' }),
    head: z.nullable(signedHead).meta({ description: 'The newest that was signed; null: none was, or none is kept.' }),
    signed: z.optional(count).meta({
      description: 'Up to which it was signed, as the database has it: more than `head` proves where heads were taken away. Embedded alone.',
    }),
  })
  .meta({ id: 'AuditEnd', examples: [{ length: 42, hash: ENTRY.hash, head: HEAD, signed: 42 }] });

export const auditHeadPage = z
  .object({
    heads: z.array(signedHead),
    next: z.optional(count.meta({ description: 'There may be more: ask again with it as `before`.' })),
  })
  .meta({ id: 'AuditHeadPage', examples: [{ heads: [HEAD] }] });

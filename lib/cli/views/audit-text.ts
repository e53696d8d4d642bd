/** The audit trail, and what is wrong with it, as text. */
import type { BadEntry, Fault } from '../../core/audit/chain.ts';
import type { CheckedTrail } from '../../usecases/audit/check-trail.ts';
import type { AuditEntryView } from '../api-types.ts';
import { table } from '../text/table.ts';
import { count, some, time } from '../text/units.ts';
import { visible } from '../text/visible.ts';

export function auditTable(entries: readonly AuditEntryView[], width: number): string {
  const titles = [
    { title: 'N', align: 'right' as const },
    { title: 'AT' },
    { title: 'ACTOR', cut: 'middle' as const },
    { title: 'ACTION' },
    { title: 'SUBJECT', cut: 'middle' as const },
  ];
  const rows = entries.map(({ sequence, entry }) =>
    entry ? [String(sequence), time(entry.at), entry.actor, entry.action, entry.subject ?? ''] : [String(sequence), '', '', '(cannot be read)', ''],
  );
  return table(titles, rows, width);
}

/** Of a trail that is as it was written. */
export function soundText({ length, proven, heads }: CheckedTrail, keyId: string | undefined): string {
  const first = `The audit trail is as it was written: ${some(length, 'entry', 'entries')}, each of which follows the one before it.\n`;
  if (keyId === undefined) return first;
  const signed = `Signed up to entry ${count(proven)}, by ${some(heads, 'head')} of the key ${keyId}.\n`;
  return length > proven ? `${first}${signed}What follows is signed within a minute or two.\n` : `${first}${signed}`;
}

const WORDS: Readonly<Record<Fault, (place: string, bad: BadEntry) => string>> = {
  altered: (place) => `${place} was altered: what it says is not what its hash was made of`,
  gap: (place, { through }) => `${place} ${through === undefined ? 'is' : 'are'} missing`,
  doubled: (place, { through }) =>
    `${place} ${through === undefined ? 'is one that stands a second time' : 'claim to be the same one'}: an entry was put in`,
  reordered: (place) => `${place} stands in another place: entries were swapped`,
  unlinked: (place) => `${place} does not follow the one before it: from there on the trail was written anew, or one was put in`,
  rewritten: (place, { through }) =>
    `${through === undefined ? place : `one of ${place}`} is not the one that was signed: from there on the trail was written anew`,
  cut: (place, { through }) =>
    `${place} ${through === undefined ? 'was' : 'were'} signed and ${through === undefined ? 'is' : 'are'} gone: the end was cut off`,
  'forged-head': (place) => `the head signed of ${place} is not signed by the key that is believed: it was forged, or the key is another one`,
  'lost-head': (place, { through }) =>
    `${place} ${through === undefined ? 'was' : 'were'} signed, and the head that proves it is gone or cannot be read: whether ${through === undefined ? 'it was' : 'they were'} written anew, nothing tells`,
};

/** What is wrong, in a sentence. */
export function badText(bad: BadEntry): string {
  const { fault, sequence, through } = bad;
  const place = through === undefined ? `entry ${count(sequence)}` : `entries ${count(sequence)} to ${count(through)}`;
  return visible(WORDS[fault](place, bad));
}

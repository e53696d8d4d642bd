/** What tidemark.config.ts says of the gateway. */

export interface GatewayInput {
  /** The bidirectional route whose objects it serves. @default the only one there is */
  readonly route?: string;
  /** The region that is written until the first switch. @default the route's `from` */
  readonly first?: string;
  /** `auto`: three failed probes in a row switch to the other region. `manual`: never by itself. @default 'auto' */
  readonly mode?: 'auto' | 'manual';
  /**
   * For how long a gateway may write by what it last read of the control record, seconds. After a switch writes rest for as long, so
   * that no gateway still writes to the former region; and where the control record cannot be read, they end after it. @default 10
   */
  readonly leaseSec?: number;
  /** AWS alone: where the control record and the audit trail lie, best a third region: what decides must outlive what it decides about. @default the region of `from` */
  readonly controlRegion?: string;
  readonly signing?: {
    /** How long a signed address is good for where nobody says, seconds. @default 900 */
    readonly expiresSec?: number;
    /** The longest that may be asked for. @default 3600 */
    readonly maxExpiresSec?: number;
    /** Which prefixes may be signed for what; of those that fit the longest counts. @default everything */
    readonly rules?: readonly { readonly prefix: string; readonly allow: readonly ('get' | 'put')[]; readonly maxExpiresSec?: number }[];
  };
  /** Believes JSON web tokens of this issuer: scope `tidemark/objects` for objects, `tidemark/admin` for all. @default none */
  readonly jwt?: { readonly issuer: string; readonly audience: string; readonly algorithms?: readonly string[]; readonly jwksUrl?: string };
  /** Names each object that is written or removed in the audit trail: an entry a write. @default false */
  readonly auditWrites?: boolean;
}

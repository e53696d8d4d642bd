/** Names one receive of one message: an older receive's receipt stops working once the message was received again. */
export interface Receipt {
  readonly seq: number;
  readonly receives: number;
}

export function formatReceipt({ seq, receives }: Receipt): string {
  return `${seq}.${receives}`;
}

/** @returns null for what is no receipt of this queue; like a stale one it has no effect */
export function parseReceipt(text: string): Receipt | null {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(text);
  return match ? { seq: Number(match[1]), receives: Number(match[2]) } : null;
}

export function parseReceipts(texts: readonly string[]): readonly Receipt[] {
  return texts.map(parseReceipt).filter((receipt) => receipt !== null);
}

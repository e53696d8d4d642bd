/** As the audit trail names who decided by itself. */
export const SYSTEM = 'system';
/** Who came by an address that this installation signed. */
export const SIGNED_ADDRESS = 'signed-address';

/** As the audit trail names who decided by itself. */
export const SYSTEM = 'system';

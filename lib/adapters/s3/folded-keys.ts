/** True for keys that a store made of folders may take for another key: those with an empty, `.` or `..` name before their end. */
export function namesFoldedAway(key: string): boolean {
  const names = key.split('/');
  return names.some((name, i) => name === '.' || name === '..' || (name === '' && i < names.length - 1));
}

/** SQS takes the characters that XML takes, and refuses or replaces the others. */

const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Others as JSON's escapes: in a string of JSON, which all messages of ours are, they mean the same. */
export function sendable(text: string): string {
  return text.replace(FORBIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

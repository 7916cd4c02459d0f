// Tokens at the pace of typing: an estimate by pieces of words, held to the last real count (cl100k_base) of the server.
const PIECES = /\p{L}+|\p{N}{1,3}|[^\s\p{L}\p{N}]+|\n+/gu;
const seen = new Map<string, number>();

export function estimate(text: string): number {
  if (!text) return 0;
  const known = seen.get(text);
  if (known !== undefined) return known;
  let count = 0;
  for (const [piece] of text.matchAll(PIECES)) {
    const first = piece.charCodeAt(0);
    if (first > 0x2e7f) count += piece.length * 1.1; // signs of East Asia: about one each
    else if (first > 0x24f) count += piece.length / 2.2; // Cyrillic, Greek, Arabic
    else if (/\p{L}/u.test(piece)) count += piece.length <= 7 ? 1 : piece.length / 5.2;
    else count += Math.max(1, piece.length / 2.4);
  }
  const made = Math.max(1, Math.round(count));
  if (seen.size > 4000) seen.clear();
  seen.set(text, made);
  return made;
}

export interface Count { tokens: number; exact: boolean }
/** What the server counted, by text: whoever moves an entry need not wait for another count. */
const exact = new Map<string, number>();
const last = new Map<string, { text: string; tokens: number }>(); // by field: how far the estimate is off there
let stamp = 0;

/** Takes over a real count. */
export function learn(field: string, text: string, tokens: number) {
  last.set(field, { text, tokens });
  if (exact.get(text) === tokens) return;
  if (exact.size > 20_000) exact.clear();
  exact.set(text, tokens);
  stamp += 1;
}
export function counted(field: string, text: string): Count {
  const known = exact.get(text);
  if (known !== undefined) return { tokens: known, exact: true };
  const guess = estimate(text), before = last.get(field);
  if (!before || before.tokens < 20) return { tokens: guess, exact: false };
  const ratio = Math.min(2, Math.max(0.5, before.tokens / estimate(before.text)));
  return { tokens: Math.round(guess * ratio), exact: false };
}

const ofEntry = new WeakMap<object, { stamp: number; at: number; tokens: number }>();
/** Tokens of a lorebook entry. Of 500 entries a key changes one; the others are remembered. */
export function entryTokens(entry: { content?: string }, at: number): number {
  const known = ofEntry.get(entry);
  if (known?.stamp === stamp && known.at === at) return known.tokens;
  const { tokens } = counted(`book.entries[${at}].content`, entry.content ?? '');
  ofEntry.set(entry, { stamp, at, tokens });
  return tokens;
}

/** Does something when nobody waits: not between a key and the letter on the screen. */
export const later = (work: () => void) => { if (window.requestIdleCallback) requestIdleCallback(() => work(), { timeout: 1500 }); else setTimeout(work, 50); };

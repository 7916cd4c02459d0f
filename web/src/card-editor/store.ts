// The card that is being edited: one immutable tree, its history, and what differs from what the server has.
export type Step = string | number;
export type Path = readonly Step[];
export type Data = Record<string, any>;
interface Moment { card: Data; path: Path; key: string; at: number }

/** Marks a lorebook entry for as long as the page lives; JSON never shows it. */
export const UID = Symbol('uid');
let last = 0;
export const marked = (entry: Data): Data => ({ ...entry, [UID]: (entry as any)[UID] ?? ++last });
export const fresh = (entry: Data): Data => ({ ...entry, [UID]: ++last });

export function prepared(data: Data): Data {
  const book = data.character_book;
  return book ? { ...data, character_book: { ...book, entries: (book.entries ?? []).map(marked) } } : data;
}

export const get = (tree: any, path: Path): any => path.reduce((at, step) => at?.[step], tree);

export function put(tree: any, path: Path, value: any): any {
  if (!path.length) return value;
  const [step, ...rest] = path;
  const copy = Array.isArray(tree) ? [...tree] : { ...(tree ?? {}) };
  const made = put(tree?.[step], rest, value);
  if (made === undefined && !Array.isArray(copy)) delete copy[step];
  else copy[step] = made;
  return copy;
}

export function same(a: any, b: any): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

/** How the server, `card set` and the findings write a path. */
export function named(path: Path): string {
  const [head, ...rest] = path;
  return rest.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${step}`), head === 'character_book' ? 'book' : String(head));
}
export function parsed(field: string): Path {
  const steps = [...field.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
  return steps[0] === 'book' ? ['character_book', ...steps.slice(1)] : steps;
}

export interface Patch { set: Data; remove: string[] }

/** The fewest fields that make `before` into `after`, so that everything else keeps its very text on the server. */
export function difference(before: Data, after: Data): Patch {
  const patch: Patch = { set: {}, remove: [] };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[name] === after[name]) continue;
    if (name === 'character_book' && before[name] && after[name]) book(patch, before[name], after[name]);
    else change(patch, name, before[name], after[name]);
  }
  return patch;
}
const change = (patch: Patch, field: string, before: any, after: any) => {
  if (after === undefined) { if (before !== undefined) patch.remove.push(field); } else if (!same(before, after)) patch.set[field] = after;
};
function book(patch: Patch, before: Data, after: Data) {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name !== 'entries' && before[name] !== after[name]) change(patch, `book.${name}`, before[name], after[name]);
  }
  const was: any[] = before.entries ?? [], is: any[] = after.entries ?? [];
  if (was === is) return;
  if (was.length !== is.length || was.some((entry, n) => entry[UID] !== is[n][UID])) { patch.set['book.entries'] = is; return; }
  is.forEach((entry, n) => {
    if (entry !== was[n]) for (const name of new Set([...Object.keys(was[n]), ...Object.keys(entry)])) part(patch, `book.entries[${n}].${name}`, was[n][name], entry[name]);
  });
}
function part(patch: Patch, field: string, before: any, after: any) {
  const tables = field.endsWith('.extensions') && before && after;
  if (!tables) { if (before !== after) change(patch, field, before, after); return; }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) if (before[name] !== after[name]) change(patch, `${field}.${name}`, before[name], after[name]);
}

export class Store {
  card: Data; base: Data; rev: number;
  state: Data; // what the panes show: chosen section, entry, filters, server's answers
  private past: Moment[] = [];
  private future: Moment[] = [];
  private listeners = new Set<() => void>();

  constructor(data: Data, rev: number, state: Data) {
    this.base = this.card = prepared(data);
    this.rev = rev;
    this.state = state;
  }
  on(listener: () => void) { this.listeners.add(listener); return () => { this.listeners.delete(listener); }; }
  tell() { for (const listener of [...this.listeners]) listener(); }
  show(more: Data) { this.state = { ...this.state, ...more }; this.tell(); }

  /** Typing in one field within a second is one step of the history. */
  set(path: Path, value: any, key = named(path)) {
    if (get(this.card, path) === value) return;
    const now = performance.now(), before = this.past.at(-1);
    if (!before || before.key !== key || now - before.at > 1000 || !key) this.past.push({ card: this.card, path, key, at: now });
    else before.at = now;
    if (this.past.length > 500) this.past.shift();
    this.future = [];
    this.card = put(this.card, path, value);
    this.tell();
  }
  get canUndo() { return this.past.length > 0; }
  get canRedo() { return this.future.length > 0; }
  undo() { return this.step(this.past, this.future); }
  redo() { return this.step(this.future, this.past); }
  private step(from: Moment[], to: Moment[]): Path | null {
    const moment = from.pop();
    if (!moment) return null;
    to.push({ ...moment, card: this.card, at: 0 });
    this.card = moment.card;
    this.tell();
    return moment.path;
  }
  /** The server has this state now. */
  settle(card: Data, rev: number) { this.base = card; this.rev = rev; this.tell(); }
  /** What somebody else made of the card becomes the ground; our own changes stand on it. */
  rebase(theirs: Data, mine: Data, rev: number) {
    this.past.push({ card: this.card, path: [], key: '', at: 0 });
    this.base = theirs; this.card = mine; this.rev = rev;
    this.tell();
  }
  /** A field that the server changed by itself; going back in the history does not undo it. */
  adopt(name: string, value: any, rev: number) {
    const into = (card: Data): Data => { const { [name]: _, ...rest } = card; return value === undefined ? rest : { ...rest, [name]: value }; };
    const isSame = this.card === this.base;
    this.card = into(this.card);
    this.base = isSame ? this.card : into(this.base);
    for (const moment of [...this.past, ...this.future]) moment.card = into(moment.card);
    this.rev = rev;
    this.tell();
  }
  get patch() { return difference(this.base, this.card); }
  get isChanged() {
    if (this.card === this.base) return false;
    const { set, remove } = this.patch;
    return Object.keys(set).length + remove.length > 0;
  }
}

// The lorebook: its settings, the table of entries with the keyboard, and the panel of one entry.
import { memo } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, Field, home, Icon, use, Words } from './parts';
import { type Data, fresh, get, type Path, type Store, UID } from './store';
import { entryTokens, later } from './tokens';

const AT: Path = ['character_book', 'entries'];
export const PLACES = ['before the character', 'after the character', 'above the author’s note', 'below the author’s note', 'at a depth in the chat', 'above the examples', 'below the examples'];
const LOGIC = ['any of them', 'not all of them', 'none of them', 'all of them'];
export const num = (value: any): number => Number(value?.rawJSON ?? value ?? 0);
const ROW = 48, MANY = 60, SPARE = 20; // pixels of a row (as in the style), rows that are drawn, rows above those in sight
/** Scrolls a row into sight and gives it the focus. */
function reveal(place: number, at: number) {
  const frame = document.querySelector<HTMLElement>('.ce-table');
  if (!frame) return;
  const head = 28, above = place * ROW, low = frame.scrollTop, high = low + frame.clientHeight - head - ROW;
  if (above < low || above > high) frame.scrollTop = above < low ? above : above - frame.clientHeight + head + ROW;
  const focus = (tries: number) => { const row = document.getElementById(`row-${at}`); if (row) row.focus({ preventScroll: true }); else if (tries) setTimeout(() => focus(tries - 1), 20); };
  focus(20);
}
const entries = (): Data[] => get(home.store.card, AT) ?? [];
const put = (list: Data[], key = '') => home.store.set(AT, list, key);
export const placeOf = (entry: Data): number => { const at = entry.extensions?.position; return at === undefined || at === null ? (entry.position === 'after_char' ? 1 : 0) : num(at); };
const chanceOf = (entry: Data): number => (entry.extensions?.useProbability === false || entry.extensions?.probability === undefined ? 100 : num(entry.extensions.probability));

/** The verdicts of the lorebook test, as long as they are about the book as it stands. */
const tried = (s: Store): Data[] | null => (s.state.verdictsFor === s.card.character_book ? s.state.verdicts : null);
export function open(at: number) { home.store.show({ entry: at, side: 'entry', pane: 'side' }); }
function add(after: number, from?: Data) {
  const list = entries(), taken = list.map((one) => Number(one.id)).filter((id) => Number.isInteger(id));
  const blank = { keys: [], content: '', extensions: {}, enabled: true, insertion_order: 100, ...(home.store.state.rank >= 3 ? { use_regex: false } : {}) };
  const made = fresh({ ...(from ?? blank), ...(taken.length || from?.id !== undefined ? { id: Math.max(-1, ...taken) + 1 } : {}) });
  if (!home.store.card.character_book) home.store.set(['character_book'], { extensions: {}, entries: [made] }, '');
  else put([...list.slice(0, after + 1), made, ...list.slice(after + 1)]);
  open(after + 1);
  setTimeout(() => reveal(after + 1, after + 1));
}
function remove(at: number) {
  put(entries().filter((_, n) => n !== at));
  const left = entries().length;
  home.store.show({ entry: left ? Math.min(at, left - 1) : -1, side: left ? home.store.state.side : 'preview' });
  setTimeout(() => document.getElementById(`row-${Math.min(at, left - 1)}`)?.focus());
}
function move(from: number, to: number) {
  const list = [...entries()];
  if (to < 0 || to >= list.length) return;
  list.splice(to, 0, ...list.splice(from, 1));
  put(list);
  home.store.show({ entry: to });
  setTimeout(() => reveal(to, to));
}
const toggle = (at: number, name: string) => home.store.set([...AT, at, name], !(get(home.store.card, [...AT, at, name]) ?? name === 'enabled'), '');

const Row = memo(({ entry, at, chosen, status, content }: { entry: Data; at: number; chosen: boolean; status: string; content: number }) => (
  <tr id={`row-${at}`} data-at={at} aria-rowindex={at + 2} tabIndex={chosen ? 0 : -1} aria-selected={chosen} class={entry.enabled === false ? 'ce-off' : ''}>
    <td><span class={`ce-dot ce-${status}`} title={{ fired: 'Fires for the text of the test', cut: 'Cut by the budget', silent: 'Does not fire for the text of the test' }[status] ?? ''} /><span class="num ce-faint">{at + 1}</span></td>
    <td class="ce-entry"><span class="ce-keys">{(entry.keys ?? []).join(', ') || <i class="ce-faint">{entry.constant ? 'always' : 'no keys'}</i>}</span><span class="ce-faint">{entry.name || entry.comment ? `${entry.name || entry.comment}: ` : ''}{(entry.content ?? '').slice(0, 160)}</span></td>
    <td><input type="checkbox" class="switch ce-switch" tabIndex={-1} data-toggle="enabled" checked={entry.enabled !== false} aria-label={`Entry ${at + 1} is on`} /></td>
    <td><input type="checkbox" class="tick" tabIndex={-1} data-toggle="constant" checked={Boolean(entry.constant)} aria-label={`Entry ${at + 1} is constant`} /></td>
    <td class="num">{num(entry.insertion_order)}</td>
    <td class="ce-place">{['before', 'after', 'note ↑', 'note ↓', 'depth', 'ex. ↑', 'ex. ↓'][placeOf(entry)] ?? placeOf(entry)}</td>
    <td class="num">{chanceOf(entry)} %</td>
    <td class="num ce-faint">{content}</td>
  </tr>
));

/** The book for the table. While somebody writes into the panel of an entry, the table follows when they pause. */
function useSettled(now: Data | undefined): Data | undefined {
  const [shown, show] = useState(now), isWriting = document.activeElement?.matches('.ce-side textarea, .ce-side input[type=text]') && shown?.entries?.length === now?.entries?.length;
  useEffect(() => {
    if (shown === now) return undefined;
    const timer = setTimeout(() => later(() => show(now)), isWriting ? 200 : 0);
    return () => clearTimeout(timer);
  }, [now]);
  return isWriting ? shown : now;
}

let numbered: { list: Data[]; places: { entry: Data; at: number }[] } = { list: [], places: [] };
/** Entries with their places; made anew only for another list. */
const places = (list: Data[]) => { if (numbered.list !== list) numbered = { list, places: list.map((entry, at) => ({ entry, at })) }; return numbered.places; };

export function Lore() {
  const book = useSettled(use((s) => s.card.character_book));
  const filter: string = use((s) => s.state.filter ?? ''), chosen: number = use((s) => s.state.entry ?? -1);
  const verdicts = use(tried);
  use((s) => s.state.counts);
  const frame = useRef<HTMLDivElement>(null), [top, scroll] = useState(0);
  if (!book) {
    return <div class="ce-none ce-center"><Icon name="book-open" size="size-6" /><p>No lorebook yet. An entry is sent only when one of its keys is said, so a world fits into few tokens.</p><Button label="Write the first entry" icon="plus" text kind="primary" onClick={() => add(-1)} /></div>;
  }
  const list: Data[] = book.entries ?? [], words = filter.toLowerCase();
  const shown = places(list).filter(({ entry }) => !words || `${(entry.keys ?? []).join(' ')} ${entry.name ?? ''} ${entry.comment ?? ''} ${entry.content}`.toLowerCase().includes(words));
  // Only the rows in sight are drawn: a browser lays out a table as a whole, and 500 rows of it cost 50 ms a key.
  const from = shown.length > MANY ? Math.max(0, Math.min(top - SPARE, shown.length - MANY)) : 0, drawn = shown.length > MANY ? shown.slice(from, from + MANY) : shown;
  const scrolled = () => { const at = Math.floor((frame.current?.scrollTop ?? 0) / ROW); if (Math.abs(at - top) > SPARE / 2 || at === 0) scroll(at); };
  const keys = (e: KeyboardEvent) => {
    const row = (e.target as HTMLElement).closest<HTMLElement>('tr[data-at]');
    if (!row) return;
    const at = Number(row.dataset.at), here = shown.findIndex((one) => one.at === at);
    const go = (to: number) => {
      const next = shown[Math.max(0, Math.min(shown.length - 1, to))];
      if (!next) return;
      home.store.show({ entry: next.at });
      reveal(shown.indexOf(next), next.at);
    };
    const done: Record<string, () => void> = {
      ArrowDown: () => (e.altKey ? move(at, at + 1) : go(here + 1)), ArrowUp: () => (e.altKey ? move(at, at - 1) : go(here - 1)),
      PageDown: () => go(here + 10), PageUp: () => go(here - 10), Home: () => go(0), End: () => go(shown.length - 1),
      Enter: () => { open(at); setTimeout(() => document.getElementById('f-book-entries-' + at + '-content')?.focus()); },
      ' ': () => toggle(at, 'enabled'), Delete: () => remove(at), Insert: () => add(at), c: () => toggle(at, 'constant'), d: () => add(at, list[at]),
    };
    if (done[e.key] && !(e.ctrlKey || e.metaKey)) { e.preventDefault(); e.stopPropagation(); done[e.key](); }
  };
  const click = (e: MouseEvent) => {
    const target = e.target as HTMLElement, row = target.closest<HTMLElement>('tr[data-at]');
    if (!row) return;
    if (target.dataset.toggle) { home.store.show({ entry: Number(row.dataset.at) }); return; }
    open(Number(row.dataset.at));
    row.focus();
  };
  const changed = (e: Event) => {
    const target = e.target as HTMLElement, row = target.closest<HTMLElement>('tr[data-at]');
    if (row && target.dataset.toggle) toggle(Number(row.dataset.at), target.dataset.toggle);
  };
  const first = drawn.some(({ at }) => at === chosen) ? chosen : drawn[0]?.at;
  return (
    <>
      <div class="ce-bar">
        <label class="input-wrap ce-grow"><Icon name="search" /><input class="input-box input-small" type="search" aria-label="Filter entries" placeholder={`Filter ${list.length} ${list.length === 1 ? 'entry' : 'entries'}`} value={filter} onInput={(e) => home.store.show({ filter: e.currentTarget.value })} /></label>
        <Button label="Add entry" icon="plus" text kind="plain" onClick={() => add(list.length - 1)} />
      </div>
      <div class="ce-table" ref={frame} onScroll={scrolled}><table aria-label="Lorebook entries" aria-rowcount={shown.length + 1} onKeyDown={keys} onClick={click} onChange={changed}>
        <thead><tr><th><span class="sr-only">Number</span>#</th><th>Keys and content</th><th>On</th><th title="Always sent">Const.</th><th>Order</th><th>Place</th><th>Chance</th><th>Tok</th></tr></thead>
        <tbody>{from > 0 && <tr class="ce-gap" aria-hidden="true" style={{ height: `${from * ROW}px` }} />}{drawn.map(({ entry, at }) => <Row key={entry[UID as any]} entry={entry} at={at} chosen={at === first} status={verdicts?.[at]?.status ?? ''} content={entryTokens(entry, at)} />)}{from + drawn.length < shown.length && <tr class="ce-gap" aria-hidden="true" style={{ height: `${(shown.length - from - drawn.length) * ROW}px` }} />}</tbody>
      </table>{!shown.length && <p class="ce-none">No entry has “{filter}”.</p>}</div>
      <details class="ce-fold"><summary>Settings of the whole book</summary><div class="form-grid">
        <div class="form-grid form-grid-2"><Field path={['character_book', 'name']} label="Name of the book" line counts={false} /><Numeric path={['character_book', 'token_budget']} label="Token budget" hint="Empty: the program's own." /><Numeric path={['character_book', 'scan_depth']} label="Messages to search" hint="Empty: the program's own." /></div>
        <Check path={['character_book', 'recursive_scanning']} label="Entries fire entries" hint="The text of what fired is searched for keys, too." />
        <Field path={['character_book', 'description']} label="Description" rows={2} counts={false} />
      </div></details>
    </>
  );
}

export function Numeric({ path, label, hint, low = 0, high }: { path: Path; label: string; hint?: string; low?: number; high?: number }) {
  const value = use((s) => get(s.card, path));
  const typed = (e: any) => { const text = e.currentTarget.value; if (text === '') home.store.set(path, undefined); else if (Number.isFinite(Number(text))) home.store.set(path, Number(text)); };
  return <label class="field"><span class="field-label">{label}</span><input class="input-box input-small" type="number" min={low} max={high} data-field={path.join('.')} value={value === undefined || value === null ? '' : num(value)} onInput={typed} />{hint && <span class="field-hint">{hint}</span>}</label>;
}
export function Check({ path, label, hint, usual = false }: { path: Path; label: string; hint?: string; usual?: boolean }) {
  const value = use((s) => get(s.card, path));
  return <label class="switch-row"><input class="switch" type="checkbox" checked={Boolean(value ?? usual)} onChange={(e) => home.store.set(path, e.currentTarget.checked, '')} /><span><span class="field-label">{label}</span>{hint && <span class="field-hint block">{hint}</span>}</span></label>;
}
function Choice({ path, label, options, usual = 0 }: { path: Path; label: string; options: string[]; usual?: number }) {
  const value = use((s) => get(s.card, path));
  return <label class="field"><span class="field-label">{label}</span><select class="input-box input-small" value={String(value === undefined || value === null ? usual : num(value))} onChange={(e) => home.store.set(path, Number(e.currentTarget.value), '')}>{options.map((text, n) => <option value={n}>{text}</option>)}</select></label>;
}
function Place({ at }: { at: number }) {
  const entry: Data = use((s) => get(s.card, [...AT, at])) ?? {}, place = placeOf(entry);
  const chosen = (e: any) => {
    const to = Number(e.currentTarget.value), stored = entry.extensions ?? {};
    const next: Data = { ...entry, position: to === 1 ? 'after_char' : 'before_char' };
    if (to > 1 || stored.position !== undefined) next.extensions = { ...stored, position: to };
    home.store.set([...AT, at], next, '');
  };
  return <label class="field"><span class="field-label">Place</span><select class="input-box input-small" value={place} onChange={chosen}>{PLACES.map((text, n) => <option value={n}>{text}</option>)}</select></label>;
}

/** Everything of one entry, in the right column (on phones a tab). */
export function EntryPanel() {
  const at: number = use((s) => s.state.entry ?? -1), entry: Data | undefined = use((s) => get(s.card, [...AT, s.state.entry ?? -1]));
  const verdict = use((s) => tried(s)?.[s.state.entry ?? -1]);
  if (!entry) return <p class="ce-none">Choose an entry of the lorebook.</p>;
  const path: Path = [...AT, at], own: Path = [...path, 'extensions'];
  return (
    <div class="form-grid" key={entry[UID as any]}>
      <div class="ce-head"><h2 class="section-title">Entry {at + 1}</h2><span class="ce-row"><Button label="Duplicate entry" icon="copy" onClick={() => add(at, entry)} /><Button label="Move up" icon="arrow-up" disabled={at === 0} onClick={() => move(at, at - 1)} /><Button label="Move down" icon="arrow-down" disabled={at === entries().length - 1} onClick={() => move(at, at + 1)} /><Button label="Delete entry" icon="trash-2" onClick={() => remove(at)} /></span></div>
      {verdict && <p class={`ce-verdict ce-${verdict.status}`}>{verdict.why}</p>}
      <Words path={[...path, 'keys']} label="Keys" hint="A word, or a pattern such as /storm(s|y)?/i." />
      <Field path={[...path, 'content']} label="Content" rows={8} />
      <div class="ce-switches"><Check path={[...path, 'enabled']} label="On" usual /><Check path={[...path, 'constant']} label="Constant" /><Check path={[...path, 'case_sensitive']} label="Letter case counts" />{home.store.state.rank >= 3 && <Check path={[...path, 'use_regex']} label="Keys are patterns" />}</div>
      <div class="form-grid form-grid-2"><Field path={[...path, 'name']} label="Name" line counts={false} /><Field path={[...path, 'comment']} label="Comment" line counts={false} /></div>
      <div class="form-grid ce-halves"><Numeric path={[...path, 'insertion_order']} label="Order" low={-9999} /><Numeric path={[...path, 'priority']} label="Priority" low={-9999} /></div>
      <Place at={at} />
      <Check path={[...path, 'selective']} label="Asks for a second key, too" />
      {entry.selective && <><Words path={[...path, 'secondary_keys']} label="Second keys" /><Choice path={[...own, 'selectiveLogic']} label="Fires with" options={LOGIC} /></>}
      <details class="ce-fold"><summary>Chance, depth, groups, time and recursion</summary><div class="form-grid">
        <div class="form-grid ce-thirds"><Numeric path={[...own, 'probability']} label="Chance in %" high={100} /><Numeric path={[...own, 'scan_depth']} label="Messages to search" /><Numeric path={[...own, 'depth']} label="Depth in the chat" /></div>
        <div class="form-grid form-grid-2"><Choice path={[...own, 'role']} label="Sent as" options={['system', 'user', 'assistant']} /><Field path={[...own, 'group']} label="Group (one of it fires)" line counts={false} /></div>
        <div class="form-grid ce-halves"><Numeric path={[...own, 'group_weight']} label="Weight in the group" hint="Empty: 100." /><Check path={[...own, 'group_override']} label="Goes before its group" hint="Of several, the highest order." /></div>
        <Check path={[...own, 'use_group_scoring']} label="Its group counts keys" hint="The entry with the most keys found is left." />
        <div class="form-grid ce-thirds"><Numeric path={[...own, 'sticky']} label="Stays (messages)" /><Numeric path={[...own, 'cooldown']} label="Rests (messages)" /><Numeric path={[...own, 'delay']} label="Not before message" /></div>
        <Check path={[...own, 'match_whole_words']} label="Whole words only" />
        <Check path={[...own, 'exclude_recursion']} label="Other entries do not fire it" />
        <Check path={[...own, 'prevent_recursion']} label="It fires no other entries" />
        <Check path={[...own, 'delay_until_recursion']} label="Only other entries fire it" />
      </div></details>
    </div>
  );
}

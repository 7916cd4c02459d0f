// Side by side: what differs from the saved or any earlier version, and whose words stay when two people wrote.
import { useEffect, useState } from 'preact/hooks';
import { Button, changes, Dialog, home, use } from './parts';
import { ask } from './remote';
import { jump } from './aside';
import type { Clash, Saving } from './saving';
import { type Data, same } from './store';

const text = (value: any): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 1));
interface Row { field: string; before: any; after: any }

function rows(before: Data, after: Data): Row[] {
  const out: Row[] = [];
  const part = (field: string, a: any, b: any) => { if (!same(a, b) && !(blank(a) && blank(b))) out.push({ field, before: a, after: b }); };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name === 'modification_date') continue;
    const a = before[name], b = after[name];
    if (name === 'character_book' && a && b) books(a, b, part);
    else if (Array.isArray(a) && Array.isArray(b) && name !== 'tags') for (let n = 0; n < Math.max(a.length, b.length); n += 1) part(`${name}[${n}]`, a[n], b[n]);
    else part(name, a, b);
  }
  return out;
}
const blank = (value: any) => value === undefined || value === null || value === '' || (typeof value === 'object' && !Object.keys(value).length);
const label = (entry: Data, n: number) => (entry.id ?? entry.uid ?? `${(entry.keys ?? []).join(',')}#${n}`);
function books(a: Data, b: Data, part: (field: string, a: any, b: any) => void) {
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) if (name !== 'entries') part(`book.${name}`, a[name], b[name]);
  const was = new Map<any, Data>((a.entries ?? []).map((one: Data, n: number) => [label(one, n), one])), seen = new Set();
  (b.entries ?? []).forEach((one: Data, n: number) => {
    const key = label(one, n), old = was.get(key);
    seen.add(key);
    if (!old) part(`book.entries[${n}]`, undefined, one);
    else for (const name of new Set([...Object.keys(old), ...Object.keys(one)])) part(`book.entries[${n}].${name}`, old[name], one[name]);
  });
  for (const [key, one] of was) if (!seen.has(key)) part(`book.entries[${String(key)}] (removed)`, one, undefined);
}

function Pair({ before, after }: { before: any; after: any }) {
  const parts = changes(text(before), text(after));
  return <div class="ce-pair"><div class="ce-was">{parts.map(([words, kind]) => (kind === 1 ? null : kind === -1 ? <del>{words}</del> : words))}</div><div class="ce-is">{parts.map(([words, kind]) => (kind === -1 ? null : kind === 1 ? <ins>{words}</ins> : words))}</div></div>;
}

export function Compare() {
  const card = use((s) => s.card), [versions, list] = useState<Data[]>([]), [from, choose] = useState('saved'), [old, take] = useState<Data | null>(home.store.base), [problem, tell] = useState('');
  useEffect(() => { ask('GET', `/api/v2/cards/${home.id}/versions`).then((told) => list(told.items), (error) => tell(error.message)); }, []);
  useEffect(() => {
    if (from === 'saved') { take(home.store.base); return; }
    take(null);
    ask('GET', `/api/v2/cards/${home.id}/fields?version=${from}`).then((told) => take(told.data), (error) => tell(error.message));
  }, [from]);
  const found = old ? rows(old, card) : [];
  return (
    <Dialog title="What changed" wide onClose={() => home.store.show({ dialog: '' })}>
      <div class="ce-bar"><label class="ce-row"><span class="field-label">Before</span><select class="input-box input-small" aria-label="Compare with" value={from} onChange={(e) => choose(e.currentTarget.value)}><option value="saved">as it is saved</option>{versions.map((one) => <option value={one.number}>version {one.number}: {one.reason}, {one.by ? `${one.by}, ` : ''}{new Date(one.changed_at).toLocaleString()}</option>)}</select></label><span class="field-hint">After: what stands in the editor now</span></div>
      {problem && <p class="field-error">{problem}</p>}
      {old && !found.length && <p class="ce-none">Nothing differs.</p>}
      {found.slice(0, 300).map((row) => <section class="ce-change"><header class="ce-head"><button type="button" class="link" onClick={() => { home.store.show({ dialog: '' }); jump(row.field); }}>{row.field}</button>{!row.field.includes('entries[') && <Button label="Take this back" icon="undo-2" text kind="plain" onClick={() => restore(row)} />}</header><Pair before={row.before} after={row.after} /></section>)}
    </Dialog>
  );
}
function restore(row: Row) {
  const found = row.field.match(/^(\w+)(?:\[(\d+)\])?$/);
  if (found?.[2] !== undefined) {
    const list = [...(home.store.card[found[1]] ?? [])], at = Number(found[2]);
    if (row.before === undefined) list.splice(at, 1); else list[at] = row.before;
    home.store.set([found[1]], list, '');
  } else home.store.set(row.field.startsWith('book.') ? ['character_book', row.field.slice(5)] : [row.field], row.before, '');
}

export function Clashes({ saving }: { saving: Saving }) {
  const clashes: Clash[] = use((s) => s.state.clashes), [choices, choose] = useState<Record<string, 'mine' | 'theirs'>>({});
  const all = (whose: 'mine' | 'theirs') => choose(Object.fromEntries(clashes.map((one) => [one.field, whose])));
  const left = clashes.filter((one) => !choices[one.field]).length;
  return (
    <Dialog title="Somebody else changed this card" wide onClose={() => home.store.show({ dialog: '' })}>
      <p>You both wrote in {clashes.length === 1 ? 'one field' : `${clashes.length} fields`}. Choose whose words stay; theirs are kept as an earlier version either way.</p>
      <div class="ce-row"><Button label="All of mine" text kind="plain" onClick={() => all('mine')} /><Button label="All of theirs" text kind="plain" onClick={() => all('theirs')} /></div>
      {clashes.map((one) => <section class="ce-change"><header class="ce-head"><b>{one.field}</b><span class="ce-row">{(['theirs', 'mine'] as const).map((whose) => <label class="pill-choice"><input type="radio" class="tick" name={`clash-${one.field}`} checked={choices[one.field] === whose} onChange={() => choose({ ...choices, [one.field]: whose })} />{whose === 'mine' ? 'Mine (right)' : 'Theirs (left)'}</label>)}</span></header><Pair before={one.theirs} after={one.mine} /></section>)}
      <div class="form-end"><button type="button" class="btn btn-primary btn-sm" disabled={left > 0} onClick={() => { saving.decide(choices); home.store.show({ dialog: '' }); }}>Save like this</button><span class="field-hint">{left ? `${left} to decide` : ''}</span></div>
    </Dialog>
  );
}

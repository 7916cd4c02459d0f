// Small parts of every pane: icons, a field with its meter and its problems, texts as chat programs show them.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { type Data, get, named, type Path, parsed, type Store } from './store';
import { counted } from './tokens';

export const home: { store: Store; save: () => void; settled: () => Promise<boolean>; icons: string; id: string } = { store: null as any, save: () => 0, settled: async () => true, icons: '', id: '' };

/** A value of the store; the part is drawn anew only when it changes. */
export function use<T>(pick: (store: Store) => T): T {
  const [, bump] = useReducer((n: number) => n + 1, 0);
  const value = pick(home.store), now = useRef({ pick, value });
  now.current = { pick, value };
  useLayoutEffect(() => home.store.on(() => { if (now.current.pick(home.store) !== now.current.value) bump(0); }), []);
  return value;
}

export const Icon = ({ name, size = 'size-4' }: { name: string; size?: string }) => (
  <svg class={`icon ${size}`} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><use href={`${home.icons}#${name}`} /></svg>
);
export const Button = ({ label, icon, onClick, kind = 'ghost', text, disabled = false, id, pressed }: { label: string; icon?: string; onClick: () => void; kind?: string; text?: boolean; disabled?: boolean; id?: string; pressed?: boolean }) => (
  <button type="button" id={id} class={`btn btn-${kind} btn-sm ${text ? '' : 'btn-square'}`} aria-label={text ? undefined : label} title={text ? undefined : label} disabled={disabled} aria-pressed={pressed} onClick={onClick}>{icon && <Icon name={icon} />}{text && label}</button>
);

/** Number of tokens of a text, with a ≈ until the server has counted it. */
export function Meter({ field, text, limit = 0 }: { field: string; text: string; limit?: number }) {
  use((s) => s.state.counts);
  const { tokens, exact } = counted(field, text);
  const title = exact ? `${tokens} tokens (cl100k_base)` : `About ${tokens} tokens; counted when you pause`;
  return <span class={`ce-meter num ${limit && tokens > limit ? 'text-error' : ''}`} data-meter={field} title={title}>{exact ? '' : '≈ '}{tokens.toLocaleString('en')} tok</span>;
}

export function Problems({ field }: { field: string }) {
  const macros = use((s) => s.state.meters?.macros?.[field]);
  const findings = use((s) => s.state.byField?.[field]);
  const marks = (macros ?? []).filter((one: Data) => !one.is_known);
  if (!marks.length && !findings?.length) return null;
  return (
    <ul class="ce-problems">
      {marks.map((one: Data) => <li class="tone-warning"><button type="button" onClick={() => select(field, one.start, one.end)}><Icon name="braces" size="size-3.5" />{one.message}</button></li>)}
      {(findings ?? []).filter((one: Data) => !one.code.startsWith('macro_unknown') && one.code !== 'macro_unbalanced').map((one: Data) => <li class={`tone-${one.severity}`}><span><Icon name={one.severity === 'info' ? 'info' : 'triangle-alert'} size="size-3.5" />{one.message}</span></li>)}
    </ul>
  );
}

export const idOf = (path: Path) => `f-${named(path).replace(/[^\w]+/g, '-')}`;
function select(field: string, start: number, end: number) {
  const box = document.getElementById(idOf(parsed(field))) as HTMLTextAreaElement | null;
  box?.focus();
  box?.setSelectionRange(start, end);
}

export interface FieldProps { path: Path; label: string; hint?: string; rows?: number; line?: boolean; counts?: boolean; limit?: number; grow?: boolean; mono?: boolean }
export function Field({ path, label, hint, rows = 4, line = false, counts = true, limit = 0, mono = false }: FieldProps) {
  const value: string = use((s) => get(s.card, path) ?? '');
  const box = useRef<HTMLTextAreaElement>(null), field = named(path), id = idOf(path);
  useEffect(() => { if (box.current && box.current.value !== value) box.current.value = value; }, [value]);
  const shared = { id, class: `input-box ${mono ? 'font-mono' : ''}`, value, 'data-field': field, 'aria-describedby': `${id}-below`, onInput: (e: any) => home.store.set(path, e.currentTarget.value) };
  return (
    <div class="field">
      <div class="ce-head"><label class="field-label" for={id}>{label}</label>{counts && <Meter field={field} text={value} limit={limit} />}</div>
      {line ? <input {...(shared as any)} type="text" autocomplete="off" /> : <textarea ref={box} {...(shared as any)} rows={rows} spellcheck />}
      <div id={`${id}-below`}>{hint && <p class="field-hint">{hint}</p>}<Problems field={field} /></div>
    </div>
  );
}

export function Words({ path, label, hint }: { path: Path; label: string; hint?: string }) {
  const list: string[] = use((s) => get(s.card, path)) ?? [], id = idOf(path);
  const keep = (e: any) => {
    const more = e.currentTarget.value.split(/,(?![^/]*\/)/).map((one: string) => one.trim()).filter(Boolean);
    if (more.length) home.store.set(path, [...list, ...more], '');
    e.currentTarget.value = '';
  };
  const keys = (e: KeyboardEvent) => {
    const at = e.currentTarget as HTMLInputElement;
    if ((e.key === 'Enter' || e.key === ',') && at.value.trim() && !at.value.trim().startsWith('/')) { e.preventDefault(); keep(e); }
    else if (e.key === 'Enter') { e.preventDefault(); if (at.value.trim()) { home.store.set(path, [...list, at.value.trim()], ''); at.value = ''; } }
    if (e.key === 'Backspace' && !at.value && list.length) home.store.set(path, list.slice(0, -1), '');
  };
  return (
    <div class="field">
      <label class="field-label" for={id}>{label}</label>
      <div class="input-box tags-box">
        {list.map((one, n) => <span class="tag-chip"><span class="ce-clip">{one}</span><button type="button" aria-label={`Remove ${one}`} onClick={() => home.store.set(path, list.filter((_, i) => i !== n), '')}><Icon name="x" size="size-3" /></button></span>)}
        <input id={id} data-field={named(path)} type="text" autocomplete="off" placeholder={list.length ? '' : 'Type and press Enter'} onKeyDown={keys} onBlur={keep} />
      </div>
      {hint && <p class="field-hint">{hint}</p>}
      <Problems field={named(path)} />
    </div>
  );
}

/** *acted*, **strong** and “spoken” words, as chat programs set them. Built of nodes: nothing of a card becomes HTML. */
export function Rich({ text }: { text: string }) {
  const parts: ComponentChildren[] = [];
  const sign = /\*\*([^*\n]+)\*\*|\*([^*]+)\*|(["“][^"”\n]+["”])/g;
  let at = 0;
  for (const found of text.matchAll(sign)) {
    parts.push(text.slice(at, found.index));
    parts.push(found[1] ? <strong>{found[1]}</strong> : found[2] ? <em>{found[2]}</em> : <q>{found[3]}</q>);
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return <div class="ce-rich">{parts}</div>;
}

/** Words that went and words that came, up to some thousands of them. */
export function changes(before: string, after: string): [string, number][] {
  const a = before.match(/\s+|\w+|[^\s\w]/g) ?? [], b = after.match(/\s+|\w+|[^\s\w]/g) ?? [];
  let head = 0, tail = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const x = a.slice(head, a.length - tail), y = b.slice(head, b.length - tail), out: [string, number][] = [[a.slice(0, head).join(''), 0]];
  if (x.length * y.length > 4_000_000) out.push([x.join(''), -1], [y.join(''), 1]);
  else lines(x, y, out);
  out.push([a.slice(a.length - tail).join(''), 0]);
  return out.filter(([text]) => text);
}
function lines(x: string[], y: string[], out: [string, number][]) {
  const width = y.length + 1, best = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1) for (let j = y.length - 1; j >= 0; j -= 1) best[i * width + j] = x[i] === y[j] ? best[(i + 1) * width + j + 1] + 1 : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
  const push = (text: string, kind: number) => { const end = out.at(-1)!; if (end[1] === kind) end[0] += text; else out.push([text, kind]); };
  let i = 0, j = 0;
  while (i < x.length && j < y.length) {
    if (x[i] === y[j]) { push(x[i], 0); i += 1; j += 1; } else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) { push(x[i], -1); i += 1; } else { push(y[j], 1); j += 1; }
  }
  if (i < x.length) push(x.slice(i).join(''), -1);
  if (j < y.length) push(y.slice(j).join(''), 1);
}

export function Dialog({ title, onClose, children, wide = false }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => { box.current?.showModal(); }, []);
  return (
    <dialog ref={box} class={`ce-dialog ${wide ? 'ce-wide' : ''}`} aria-label={title} onClose={onClose} onClick={(e) => { if (e.target === box.current) box.current?.close(); }}>
      <header class="ce-dialog-head"><h2 class="section-title">{title}</h2><Button label="Close" icon="x" onClick={() => box.current?.close()} /></header>
      <div class="ce-dialog-body">{children}</div>
    </dialog>
  );
}

// <card-editor data-card="ID" data-icons="…">: the editor of one card. The form inside it is for browsers without scripts.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import './card-editor.css';
import { Budget, content, jump, Side, SIDES } from './aside';
import { Clashes, Compare } from './compare';
import { Button, Dialog, home, Icon, use } from './parts';
import { ask } from './remote';
import { Saving } from './saving';
import { Middle, SectionMeter, SECTIONS, sectionOf } from './sections';
import { type Data, get, named, parsed, Store } from './store';
import { later, learn } from './tokens';

let saving: Saving;
const WORDS: Record<string, [string, string]> = {
  saved: ['check', 'Saved'], typing: ['pencil', 'Kept in this browser'], saving: ['refresh-cw', 'Saving…'],
  offline: ['wifi-off', 'Offline: kept in this browser'], 'signed-out': ['lock', 'Signed out: kept in this browser'],
  refused: ['triangle-alert', 'Not saved'], clash: ['users', 'Changed elsewhere: choose'],
};

function Status() {
  const state = use((s) => s.state), [icon, words] = WORDS[state.saving] ?? WORDS.saved;
  return (
    <div class={`ce-status ce-is-${state.saving}`} role="status" data-state={state.saving}>
      <Icon name={icon} /><span>{words}{state.saving === 'saved' && state.saved_at ? ` ${new Date(state.saved_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}` : ''}</span>
      {state.why && <span class="ce-why">{state.why}</span>}
      {state.saving === 'clash' && <Button label="Choose" text kind="primary" onClick={() => home.store.show({ dialog: 'clash' })} />}
      {state.saving === 'signed-out' && <a class="btn btn-primary btn-sm" href="/sign-in" target="_blank" rel="noopener">Sign in</a>}
      {['offline', 'refused'].includes(state.saving) && <Button label="Try now" text kind="plain" onClick={home.save} />}
    </div>
  );
}

const undo = (way: 'undo' | 'redo') => { const path = home.store[way](); if (path?.length) { const section = sectionOf(path); if (section !== home.store.state.section) home.store.show({ section, pane: 'middle' }); } };

function Head() {
  const card = use((s) => s.card), rank = use((s) => s.state.rank);
  return (
    <header class="ce-top">
      <a class="btn btn-ghost btn-sm btn-square" href={`/cards/${home.id}`} aria-label="Back to the card" title="Back to the card"><Icon name="arrow-left" /></a>
      <h1 class="ce-title">{card.name || 'No name yet'}</h1><span class="ce-kind">V{rank}</span>
      <Status />
      <span class="ce-row ce-actions">
        <Button label="Undo (Ctrl+Z)" icon="undo-2" disabled={!home.store.canUndo} onClick={() => undo('undo')} />
        <Button label="Redo (Ctrl+Shift+Z)" icon="redo-2" disabled={!home.store.canRedo} onClick={() => undo('redo')} />
        <Button label="Go to a field (Ctrl+K)" icon="search" onClick={() => home.store.show({ dialog: 'jump' })} />
        <Button label="What changed" icon="git-compare" onClick={() => home.store.show({ dialog: 'compare' })} />
        <Button label="Keys (?)" icon="keyboard" onClick={() => home.store.show({ dialog: 'keys' })} />
        <Button label="Save" icon="save" text kind="primary" onClick={home.save} />
      </span>
    </header>
  );
}

function Sections() {
  const section = use((s) => s.state.section), pane = use((s) => s.state.pane), side = use((s) => s.state.side), rank = use((s) => s.state.rank), errors = use((s) => s.state.bySection), entry = use((s) => s.state.entry);
  const nav = useRef<HTMLElement>(null), isPhone = matchMedia('(width < 56rem)').matches;
  useEffect(() => { const on = nav.current?.querySelector<HTMLElement>('[aria-current]'); if (on && nav.current) nav.current.scrollLeft = on.offsetLeft - nav.current.offsetLeft - 48; }, [section, pane, side]);
  return (
    <nav class="ce-nav" ref={nav} aria-label="Sections of the card">
      {SECTIONS.filter((one) => rank > 1 || !['extensions', 'prompts'].includes(one.key)).map((one) => (
        <button type="button" aria-current={section === one.key && (pane === 'middle' || !isPhone) ? 'page' : undefined} data-section={one.key} onClick={() => home.store.show({ section: one.key, pane: 'middle' })}>
          <Icon name={one.icon} /><span>{one.label}</span>{errors?.[one.key] > 0 && <span class="ce-count">{errors[one.key]}</span>}<SectionMeter fields={one.fields} />
        </button>
      ))}
      {SIDES.filter(([key]) => key !== 'entry' || entry >= 0).map(([key, label, icon]) => <button type="button" class="ce-small" aria-current={pane === 'side' && side === key ? 'page' : undefined} onClick={() => home.store.show({ side: key, pane: 'side' })}><Icon name={icon} /><span>{label}</span></button>)}
    </nav>
  );
}

const LABELS: Record<string, string> = { name: 'Name', nickname: 'Nickname', description: 'Description', personality: 'Personality', scenario: 'Scenario', first_mes: 'First message', mes_example: 'Example dialogue', system_prompt: 'Main prompt', post_history_instructions: 'After the chat', creator_notes: "Creator's notes", tags: 'Tags', creator: 'Creator', character_version: 'Version of the character' };
function Jump() {
  const [words, type] = useState(''), [at, go] = useState(0), { card } = home.store;
  const all: [string, string][] = [
    ...Object.entries(LABELS).map(([field, label]): [string, string] => [field, label]),
    ...(card.alternate_greetings ?? []).map((text: string, n: number): [string, string] => [`alternate_greetings[${n}]`, `Greeting ${n + 1}: ${text.slice(0, 60)}`]),
    ...(card.character_book?.entries ?? []).map((one: Data, n: number): [string, string] => [`book.entries[${n}].content`, `Entry ${n + 1}: ${one.name || one.comment || (one.keys ?? []).join(', ')}`]),
    ['extensions', 'Extensions'], ['assets', 'Picture and assets'],
  ];
  const found = all.filter(([field, label]) => `${field} ${label}`.toLowerCase().includes(words.toLowerCase())).slice(0, 40), chosen = Math.min(at, found.length - 1);
  const take = (field?: string) => { if (field) { home.store.show({ dialog: '' }); jump(field); } };
  const keys = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); go(Math.max(0, Math.min(found.length - 1, chosen + (e.key === 'ArrowDown' ? 1 : -1)))); }
    if (e.key === 'Enter') { e.preventDefault(); take(found[chosen]?.[0]); }
  };
  return <Dialog title="Go to a field" onClose={() => home.store.show({ dialog: '' })}><input class="input-box" autofocus aria-label="Field" placeholder="A field, a greeting, an entry" value={words} onInput={(e) => { type(e.currentTarget.value); go(0); }} onKeyDown={keys} /><ul class="ce-jumps">{found.map(([field, label], n) => <li><button type="button" class={n === chosen ? 'ce-here' : ''} onClick={() => take(field)}>{label}<span class="ce-faint">{field}</span></button></li>)}</ul></Dialog>;
}

const KEYS: [string, string][] = [['Ctrl S', 'Save now'], ['Ctrl Z', 'Undo, over the whole card'], ['Ctrl Shift Z', 'Redo'], ['Ctrl K', 'Go to a field'], ['Ctrl D', 'What changed'], ['Alt 1 … 8', 'Sections'], ['?', 'These keys (outside of a field)'], ['↑ ↓ Home End', 'In the lorebook: choose an entry'], ['Enter', 'Edit it'], ['Space', 'Switch it on or off'], ['c', 'Constant or not'], ['d', 'Duplicate it'], ['Insert', 'Add one below'], ['Delete', 'Delete it'], ['Alt ↑ ↓', 'Move it']];
const Keys = () => <Dialog title="Keys" onClose={() => home.store.show({ dialog: '' })}><dl class="ce-keylist">{KEYS.map(([key, what]) => <div><dt>{key.split(' ').map((one) => <span class="key">{one}</span>)}</dt><dd>{what}</dd></div>)}</dl></Dialog>;

function Editor() {
  const dialog = use((s) => s.state.dialog), pane = use((s) => s.state.pane), notice = use((s) => s.state.notice);
  return (
    <div class={`ce ce-pane-${pane}`}>
      <Head />
      {notice && <p class="ce-notice" role="status"><Icon name="info" />{notice}<Button label="Close this note" icon="x" onClick={() => home.store.show({ notice: '' })} /></p>}
      <Budget />
      <div class="ce-columns"><Sections /><Middle /><Side /></div>
      {dialog === 'jump' && <Jump />}{dialog === 'keys' && <Keys />}{dialog === 'compare' && <Compare />}{dialog === 'clash' && <Clashes saving={saving} />}
      <Measuring />
    </div>
  );
}

/** Real counts, findings and macros from the server after a pause. */
function Measuring() {
  const card = use((s) => s.card), context = use((s) => s.state.context);
  useEffect(() => {
    const stop = new AbortController(), ours = (work: () => void) => later(() => { if (!stop.signal.aborted) work(); }), timer = setTimeout(() => ours(() => {
      ask('POST', '/api/v2/cards/meters', { content: content(), context }, { signal: stop.signal }).then((told) => ours(() => measured(card, told)), () => 0);
    }), 700);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [card, context]);
  return null;
}
function measured(card: Data, told: Data) {
  for (const [field, tokens] of Object.entries(told.tokens)) {
    const text = get(card, parsed(field));
    if (typeof text === 'string') learn(field, text, tokens as number);
  }
  const byField: Data = {}, bySection: Data = {};
  for (const one of told.findings) {
    (byField[one.field] ??= []).push(one);
    if (one.severity !== 'info' && one.field) { const key = sectionOf(parsed(one.field)); bySection[key] = (bySection[key] ?? 0) + 1; }
  }
  home.store.show({ meters: told, byField, bySection, counts: (home.store.state.counts ?? 0) + 1 });
}

function keys(e: KeyboardEvent) {
  const target = e.target as HTMLElement, typing = target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select'), ctrl = e.ctrlKey || e.metaKey, key = e.key.toLowerCase();
  const done: Record<string, () => void> = { s: home.save, z: () => undo(e.shiftKey ? 'redo' : 'undo'), y: () => undo('redo'), k: () => home.store.show({ dialog: 'jump' }), d: () => home.store.show({ dialog: 'compare' }) };
  if (ctrl && done[key]) { e.preventDefault(); e.stopPropagation(); done[key](); }
  else if (e.altKey && /^[1-8]$/.test(e.key)) { e.preventDefault(); home.store.show({ section: SECTIONS[Number(e.key) - 1].key, pane: 'middle' }); }
  else if (e.key === '?' && !typing) { e.preventDefault(); home.store.show({ dialog: 'keys' }); }
}

class CardEditor extends HTMLElement {
  async connectedCallback() {
    const id = this.dataset.card!, form = this.querySelector('form');
    if (!id) return;
    try {
      const told = await ask('GET', `/api/v2/cards/${id}/fields`);
      const context = Number(localStorage.getItem('card-context')) || 8192;
      home.id = id;
      home.icons = this.dataset.icons!;
      home.store = new Store(told.data, told.rev, { rank: told.rank, section: 'who', side: 'preview', pane: 'middle', entry: -1, user: localStorage.getItem('card-user') ?? '', context, seed: parseInt(id.slice(-6), 36) || 1, roll: 0, rules: '', saving: 'saved', picture: told.picture_url, version: told.version, dialog: '', notice: '', clashes: [], bySection: {}, byField: {}, verdicts: null });
      saving = new Saving(home.store, id);
      home.save = () => { void saving.save(); };
      home.settled = () => saving.settled();
      form?.remove();
      this.querySelector('[data-fallback]')?.remove();
      saving.recover();
      render(<Editor />, this);
      document.addEventListener('keydown', keys, true);
      document.documentElement.classList.add('has-card-editor');
      const wanted = decodeURIComponent(location.hash.slice(1));
      if (wanted) jump(wanted);
    } catch (error) {
      const note = document.createElement('p');
      note.className = 'field-error';
      note.textContent = `The editor could not start (${(error as Error).message}). The plain form below works.`;
      this.prepend(note);
    }
  }
}
customElements.define('card-editor', CardEditor);
export { named };

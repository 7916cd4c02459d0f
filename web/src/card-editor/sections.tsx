// The middle: fields of the card by section, each with its meter.
import { useState } from 'preact/hooks';
import { Lore } from './lore';
import { Button, Field, home, Problems, use, Words } from './parts';
import { Pictures } from './picture';
import { type Data, get, type Path } from './store';
import { counted, entryTokens } from './tokens';

export interface Section { key: string; label: string; icon: string; fields: string[] }
export const SECTIONS: Section[] = [
  { key: 'who', label: 'Who', icon: 'user', fields: ['name', 'nickname', 'description', 'personality', 'scenario'] },
  { key: 'greetings', label: 'Greetings', icon: 'message-circle', fields: ['first_mes', 'alternate_greetings', 'group_only_greetings'] },
  { key: 'examples', label: 'Examples', icon: 'messages-square', fields: ['mes_example'] },
  { key: 'lore', label: 'Lorebook', icon: 'book-open', fields: ['character_book'] },
  { key: 'prompts', label: 'Prompts', icon: 'terminal', fields: ['system_prompt', 'post_history_instructions'] },
  { key: 'notes', label: 'Notes & tags', icon: 'tag', fields: ['creator_notes', 'creator_notes_multilingual', 'tags', 'creator', 'character_version', 'source'] },
  { key: 'picture', label: 'Picture & assets', icon: 'image', fields: ['assets'] },
  { key: 'extensions', label: 'Extensions', icon: 'braces', fields: ['extensions'] },
];
export const sectionOf = (path: Path) => SECTIONS.find((one) => one.fields.includes(String(path[0])))?.key ?? 'who';
const has = (rank: number) => home.store.state.rank >= rank;

function Who() {
  return (
    <>
      <div class="form-grid form-grid-2">
        <Field path={['name']} label="Name" line />
        {has(3) && <Field path={['nickname']} label="Nickname" line hint="What {{char}} becomes; the name when empty." />}
      </div>
      <Field path={['description']} label="Description" rows={10} hint="Sent with every message." />
      <Field path={['personality']} label="Personality" rows={3} hint="Sent with every message. Many leave it empty and say all of it above." />
      <Field path={['scenario']} label="Scenario" rows={3} hint="Sent with every message." />
    </>
  );
}

function List({ path, title, hint, one }: { path: Path; title: string; hint: string; one: string }) {
  const list: string[] = use((s) => get(s.card, path)) ?? [];
  const move = (from: number, to: number) => {
    const next = [...list];
    next.splice(to, 0, ...next.splice(from, 1));
    home.store.set(path, next, '');
  };
  return (
    <section class="ce-list" aria-label={title}>
      <header class="ce-head"><div><h3 class="section-title">{title}</h3><p class="field-hint">{hint}</p></div><Button label={`Add ${one}`} icon="plus" text kind="plain" onClick={() => { home.store.set(path, [...list, ''], ''); setTimeout(() => document.querySelector<HTMLElement>(`#f-${String(path[0])}-${list.length}-`)?.focus()); }} /></header>
      {list.map((_, n) => (
        <div class="ce-item">
          <Field path={[...path, n]} label={`${one[0].toUpperCase()}${one.slice(1)} ${n + 1}`} rows={5} />
          <div class="ce-item-tools">
            <Button label="Move up" icon="arrow-up" disabled={n === 0} onClick={() => move(n, n - 1)} />
            <Button label="Move down" icon="arrow-down" disabled={n === list.length - 1} onClick={() => move(n, n + 1)} />
            {String(path[0]) === 'alternate_greetings' && <Button label="Make it the first greeting" icon="star" onClick={() => { const { card } = home.store; home.store.set([], { ...card, first_mes: list[n], alternate_greetings: [card.first_mes, ...list.filter((__, i) => i !== n)] }, ''); }} />}
            <Button label="Remove" icon="trash-2" onClick={() => home.store.set(path, list.filter((__, i) => i !== n), '')} />
          </div>
        </div>
      ))}
      {!list.length && <p class="ce-none">None yet.</p>}
    </section>
  );
}

function Greetings() {
  return (
    <>
      <Field path={['first_mes']} label="First message" rows={8} hint="Opens a chat. Write it in the voice of the character: chats imitate it." />
      {has(2) && <List path={['alternate_greetings']} title="Other greetings" one="greeting" hint="Offered as swipes of the first message." />}
      {has(3) && <List path={['group_only_greetings']} title="Only in groups" one="group greeting" hint="Used where several characters talk." />}
    </>
  );
}

const Examples = () => <Field path={['mes_example']} label="Example dialogue" rows={18} hint="Begin each conversation with <START>, each turn with {{user}}: or {{char}}:. It is the first to go when room gets scarce." />;
const Prompts = () => (has(2) ? (
  <>
    <Field path={['system_prompt']} label="Main prompt" rows={6} hint="Replaces the person's own; {{original}} puts theirs inside. Empty leaves theirs." />
    <Field path={['post_history_instructions']} label="After the chat" rows={4} hint="The last thing that a model reads. {{original}} works here too." />
  </>
) : <Older />);
const Older = () => <p class="ce-none">A card of version 1 has no place for this. Convert it to V3 on its page, then it has.</p>;

function Languages() {
  const table: Data = use((s) => s.card.creator_notes_multilingual) ?? {};
  const [code, type] = useState('');
  return (
    <section class="ce-list" aria-label="Notes in other languages">
      <header class="ce-head"><h3 class="section-title">Notes in other languages</h3>
        <span class="ce-row"><input class="input-box input-small ce-code" aria-label="Language code" placeholder="de" maxLength={2} value={code} onInput={(e) => type(e.currentTarget.value.toLowerCase())} /><Button label="Add language" icon="plus" text kind="plain" disabled={!/^[a-z]{2}$/.test(code) || code in table} onClick={() => { home.store.set(['creator_notes_multilingual', code], '', ''); type(''); }} /></span></header>
      {Object.keys(table).map((one) => <div class="ce-item"><Field path={['creator_notes_multilingual', one]} label={one} rows={3} counts={false} /><div class="ce-item-tools"><Button label={`Remove ${one}`} icon="trash-2" onClick={() => { const { [one]: _, ...rest } = table; home.store.set(['creator_notes_multilingual'], Object.keys(rest).length ? rest : undefined, ''); }} /></div></div>)}
    </section>
  );
}

function Notes() {
  if (!has(2)) return <Older />;
  const sources: string[] = home.store.card.source ?? [];
  return (
    <>
      <Words path={['tags']} label="Tags" />
      <Field path={['creator_notes']} label="Creator's notes" rows={6} hint="For people who choose a card; never sent to a model." />
      {has(3) && <Languages />}
      <div class="form-grid form-grid-2"><Field path={['creator']} label="Creator" line counts={false} /><Field path={['character_version']} label="Version of the character" line counts={false} /></div>
      {sources.length > 0 && <div class="field"><span class="field-label">Where it comes from</span><ul class="ce-plain">{sources.map((one) => <li>{one}</li>)}</ul><p class="field-hint">Programs add to this list; nobody edits it.</p></div>}
    </>
  );
}

function Extensions() {
  const text = use((s) => JSON.stringify(s.card.extensions ?? {}, null, 2));
  return (
    <div class="field">
      <div class="ce-head"><span class="field-label">What programs keep in this card</span><span class="ce-meter num">{text.length.toLocaleString('en')} characters</span></div>
      <pre class="ce-json" tabIndex={0}>{text}</pre>
      <p class="field-hint">Shown, not edited: an edit of the card leaves every character of it as it is.</p>
      <Problems field="extensions" />
    </div>
  );
}

const PANES: Record<string, () => any> = { who: Who, greetings: Greetings, examples: Examples, lore: Lore, prompts: Prompts, notes: Notes, picture: Pictures, extensions: Extensions };

export function Middle() {
  const section = use((s) => s.state.section), rank = use((s) => s.state.rank);
  const Pane = PANES[section] ?? Who, head = SECTIONS.find((one) => one.key === section);
  if (section === 'lore' && rank < 2) return <div class="ce-pane"><Older /></div>;
  return <div class="ce-pane" key={section} role="tabpanel" aria-label={head?.label}><h2 class="sr-only">{head?.label}</h2><Pane /></div>;
}

/** Tokens of a section's texts beside its name. */
export function SectionMeter({ fields }: { fields: string[] }) {
  const card = use((s) => s.card);
  use((s) => s.state.counts);
  const there = fields.includes('creator_notes') ? [] : fields.filter((name) => card[name]?.length || card[name]?.entries);
  if (!there.length) return null;
  const total = there.reduce((sum, name) => sum + (typeof card[name] === 'string' ? counted(name, card[name]).tokens
    : name === 'character_book' ? card[name].entries.reduce((all: number, entry: Data, n: number) => all + entryTokens(entry, n), 0)
      : name.endsWith('greetings') ? card[name].reduce((all: number, text: string, n: number) => all + counted(`${name}[${n}]`, text).tokens, 0) : 0), 0);
  if (!total && !there.some((name) => name === 'character_book')) return null;
  return <span class="ce-meter num">{total.toLocaleString('en')}</span>;
}

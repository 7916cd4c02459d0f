// The right column: how chat programs show the card, which lore fires, what the checks say.
import { useEffect, useState } from 'preact/hooks';
import { EntryPanel, open } from './lore';
import { Button, home, Icon, idOf, Rich, use } from './parts';
import { ask } from './remote';
import { sectionOf } from './sections';
import { type Data, named, parsed, type Path, prepared } from './store';
import { counted, entryTokens } from './tokens';

/** Brings a field onto the screen, whatever section it is in. */
export function jump(field: string) {
  const path = parsed(field || 'name'), { store } = home;
  if (path[0] === 'character_book' && typeof path[2] === 'number') { store.show({ section: 'lore', filter: '' }); open(path[2]); } else store.show({ section: sectionOf(path), pane: 'middle' });
  setTimeout(() => {
    const box = document.getElementById(idOf(path)) ?? document.getElementById(idOf(path.slice(0, 4))) ?? document.querySelector<HTMLElement>(`[data-field^="${named(path.slice(0, 1))}"]`);
    box?.scrollIntoView({ block: 'center' });
    box?.focus();
  }, 60);
}

const content = () => ({ spec: ['', 'chara_card_v1', 'chara_card_v2', 'chara_card_v3'][home.store.state.rank], spec_version: `${home.store.state.rank}.0`, data: slim(home.store.card) });
/** Files inside the text of a card say nothing to meters and previews, and weigh more than all words. */
const slim = (card: Data): Data => (card.assets?.some?.((one: Data) => one?.uri?.length > 200) ? { ...card, assets: card.assets.map((one: Data) => (one?.uri?.length > 200 && one.uri.startsWith('data:') ? { ...one, uri: one.uri.slice(0, 60) } : one)) } : card);
const settings = (s: Data) => ({ user: s.user || 'You', context: s.context, seed: s.seed, roll: s.roll, rules: s.rules });

/** Asks the server after a pause, forgets answers that came too late. */
function useAnswer(url: string, body: () => unknown, on: unknown[], pause: number, wanted = true): Data | null {
  const [answer, take] = useState<Data | null>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    const stop = new AbortController(), timer = setTimeout(() => { ask('POST', url, body(), { signal: stop.signal }).then(take, () => 0); }, pause);
    return () => { clearTimeout(timer); stop.abort(); };
  }, on);
  return answer;
}

function Preview() {
  const card = use((s) => s.card), state = use((s) => s.state), [greeting, choose] = useState(0);
  const answer = useAnswer('/api/v2/cards/preview', () => ({ content: content(), ...settings(state), greeting }), [card, state.user, state.roll, state.rules, greeting], 450);
  const [showsPrompt, showPrompt] = useState(false);
  const quick = (text: string) => text.replace(/\{\{char\}\}|<bot>/gi, card.nickname || card.name || '…').replace(/\{\{user\}\}|<user>/gi, state.user || 'You');
  const all: string[] = [card.first_mes ?? '', ...(card.alternate_greetings ?? [])];
  const at = Math.min(greeting, all.length - 1), told = answer?.greetings.find((one: Data) => one.number === at && one.kind !== 'group');
  const shown = told?.text === all[at] ? told.shown : quick(all[at] ?? '');
  return (
    <div class="form-grid">
      <div class="ce-bar"><label class="ce-user"><span class="sr-only">The name of the person</span><Icon name="user" /><input class="input-box input-small" data-user placeholder="You" value={state.user} onInput={(e) => { home.store.show({ user: e.currentTarget.value }); localStorage.setItem('card-user', e.currentTarget.value); }} /></label><Button label="Throw the dice of {{random}} and {{roll}} again" icon="dices" onClick={() => home.store.show({ roll: state.roll + 1 })} /></div>
      <article class="ce-chat">
        <header class="ce-head"><b>{card.nickname || card.name || 'No name yet'}</b><span class="ce-row"><Button label="Greeting before" icon="chevron-left" disabled={at === 0} onClick={() => choose(at - 1)} /><span class="num ce-faint">{at + 1} / {all.length}</span><Button label="Next greeting" icon="chevron-right" disabled={at >= all.length - 1} onClick={() => choose(at + 1)} /></span></header>
        {shown.trim() ? <Rich text={shown} /> : <p class="ce-none">This greeting is empty.</p>}
      </article>
      {answer && answer.examples.length > 0 && <section><h3 class="section-title">Examples</h3>{answer.examples.map((block: Data[]) => <div class="ce-block">{block.map((turn) => <div class={`ce-turn ce-${turn.who}`}>{turn.name && <b>{turn.name}</b>}<Rich text={turn.text} /></div>)}</div>)}</section>}
      {answer && <section class="ce-prompt"><button type="button" class="ce-head ce-wide-button" aria-expanded={showsPrompt} onClick={() => showPrompt(!showsPrompt)}><span class="section-title">What a model is sent</span><span class="ce-meter num">{answer.tokens.toLocaleString('en')} tok</span></button>{showsPrompt && answer.prompt.map((part: Data) => <div class="ce-part"><header class="ce-head">{part.field ? <button type="button" class="link" onClick={() => jump(part.field)}>{part.label}</button> : <span>{part.label}</span>}<span class="ce-meter num">{part.role} · {part.tokens}</span></header><p>{part.text}</p></div>)}</section>}
    </div>
  );
}

/** Lines of a chat: an empty line begins the next message, “{{char}}:” or the name before one makes it the character's. */
export function chatOf(text: string, card: Data): { role: string; text: string }[] {
  const names = [card.name, card.nickname].filter(Boolean).map((one: string) => one.trim().toLowerCase());
  return text.split(/\n\s*\n/).filter((one) => one.trim()).map((one) => {
    const found = /^\s*([^:\n]{1,200}?)\s*:\s*/.exec(one), who = found?.[1].toLowerCase() ?? '';
    if (/^(\{\{char\}\}|<bot>|<char>)$/.test(who) || names.includes(who)) return { role: 'assistant', text: one.slice(found![0].length) };
    return { role: 'user', text: /^(\{\{user\}\}|<user>)$/.test(who) ? one.slice(found![0].length) : one };
  });
}

const SIGNS: Record<string, string> = { fired: 'check', cut: 'scissors', silent: 'minus', sticky: 'lock', cooldown: 'clock', delayed: 'clock' };
const until = (one: Data) => (['sticky', 'cooldown'].includes(one.code) ? '' : one.stays_until ? ` Stays through message ${one.stays_until}.` : one.rests_until ? ` Rests through message ${one.rests_until}.` : '');
function Verdict({ one }: { one: Data }) {
  return <li class={`ce-${one.status}`}><button type="button" onClick={() => { home.store.show({ section: 'lore', filter: '' }); open(one.index); }}><Icon name={SIGNS[one.code] ?? SIGNS[one.status]} /><span><b>{one.label}</b><span class="block ce-faint">{one.why}{until(one)}</span></span><span class="ce-meter num">{one.status === 'silent' || one.tokens === undefined ? '' : `${one.tokens} tok`}</span></button></li>;
}

function Trial() {
  const card = use((s) => s.card), state = use((s) => s.state), [text, type] = useState(state.trial ?? ''), [all, showAll] = useState(false), [problem, tell] = useState('');
  useEffect(() => {
    home.store.show({ trial: text });
    if (!text.trim() || !card.character_book) { home.store.show({ verdicts: null, fired: null }); return undefined; }
    const stop = new AbortController(), timer = setTimeout(() => {
      const body = { content: content(), ...settings(home.store.state), messages: chatOf(text, home.store.card), group_scoring: Boolean(state.scoring) };
      ask('POST', '/api/v2/cards/lorebook/test', body, { signal: stop.signal }).then((told) => { tell(''); home.store.show({ verdicts: told.entries, verdictsFor: card.character_book, fired: { ...told, for: text } }); }, (error) => { if (error.name !== 'AbortError') tell(error.message); });
    }, 250);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [text, card.character_book, state.user, state.roll, state.rules, state.context, state.scoring]);
  const fired = state.fired, list: Data[] = fired?.entries ?? [], turns: Data[] = fired?.turns ?? [], ends = new Map((turns.at(-1)?.entries ?? []).map((one: Data) => [one.index, one]));
  const near = list.filter((one) => one.status !== 'silent' || one.marks.length || ends.has(one.index) || all);
  return (
    <div class="form-grid">
      <label class="field"><span class="field-label">Say something</span><textarea class="input-box" rows={6} data-trial placeholder="Which entries would fire? An empty line begins the next message." value={text} onInput={(e) => type(e.currentTarget.value)} /><span class="field-hint">An empty line begins the next message; one that begins with {'{{char}}:'} is the character's.</span></label>
      <label class="field"><span class="field-label">As in</span><select class="input-box input-small" value={state.rules} onChange={(e) => home.store.show({ rules: e.currentTarget.value })}><option value="">what suits the card's version</option><option value="sillytavern">SillyTavern</option><option value="spec">the V3 specification</option></select></label>
        <label class="switch-row"><input class="switch" type="checkbox" checked={Boolean(state.scoring)} onChange={(e) => home.store.show({ scoring: e.currentTarget.checked })} /><span><span class="field-label">Groups count keys</span><span class="field-hint block">As the program's own setting; entries may say otherwise.</span></span></label>
      {problem && <p class="field-error">{problem}</p>}
      {!card.character_book && <p class="ce-none">This card has no lorebook yet.</p>}
      {fired && turns.length < 2 && <Marked messages={fired.messages} entries={list} />}
      {turns.length > 1 && <ol class="ce-turns" aria-label="The chat, message by message">{turnsOf(fired).map(({ at, role, said, turn }) => <li><p class={`ce-said ce-${role === 'assistant' ? 'char' : 'user'}`}><b>{at + 1}</b>{said.length > 240 ? `${said.slice(0, 240)}…` : said}</p>{turn && turn.entries.length > 0 && <ul class="ce-results">{turn.entries.map((one: Data) => <Verdict one={one} />)}</ul>}{turn && !turn.entries.length && <p class="ce-none">Nothing fires.</p>}</li>)}</ol>}
      {fired && <p class="field-hint">{turns.length > 1 ? 'At the end ' : ''}{list.filter((one) => one.status === 'fired').length} of {list.length} entries fire: {fired.tokens} of {fired.budget} tokens. {fired.notes.join(' ')}</p>}
      <ul class="ce-results" aria-label="At the end of the chat">{near.slice(0, 200).map((one) => <Verdict one={{ ...(ends.get(one.index) as Data), ...one }} />)}</ul>
      {fired && near.length < list.length && <Button label={`Show all ${list.length} and why they are silent`} text kind="plain" onClick={() => showAll(true)} />}
    </div>
  );
}
/** Every message of the chat, with what the lorebook did where a model would have been asked. */
function turnsOf(fired: Data): { at: number; role: string; said: string; turn?: Data }[] {
  const by = new Map(fired.turns.map((one: Data) => [one.message, one])), roles: string[] = chatOf(fired.for, home.store.card).map((one) => one.role);
  return fired.messages.map((said: string, at: number) => ({ at, said, role: roles[at] ?? 'user', turn: by.get(at) as Data | undefined }));
}

/** The messages with every key that fired something marked. */
function Marked({ messages, entries }: { messages: string[]; entries: Data[] }) {
  const marks = entries.flatMap((one) => (one.status === 'silent' ? [] : one.marks.filter((mark: Data) => mark.kind === 'message').map((mark: Data) => ({ ...mark, label: one.label, index: one.index }))));
  if (!marks.length) return null;
  return <div class="ce-marked">{messages.map((text, n) => {
    const parts: any[] = [];
    let at = 0;
    for (const mark of marks.filter((one) => one.at === n).sort((a, b) => a.start - b.start)) {
      if (mark.start < at) continue;
      const [head, hit] = [slice(text, at, mark.start), slice(text, mark.start, mark.end)];
      parts.push(head, <mark title={`Fires “${mark.label}”`}>{hit}</mark>);
      at = mark.end;
    }
    return <p>{parts}{slice(text, at)}</p>;
  })}</div>;
}
/** The server counts characters as Python does, a browser counts some of them twice. */
const slice = (text: string, from: number, to?: number) => (/[\ud800-\udfff]/.test(text) ? [...text].slice(from, to).join('') : text.slice(from, to));

function Checks() {
  const meters = use((s) => s.state.meters), [busy, work] = useState(false), [problem, tell] = useState('');
  const mend = async () => {
    work(true); tell('');
    try {
      if (!(await home.settled())) throw new Error('Save the words of the card first.');
      await ask('POST', `/api/v2/cards/${home.id}/fixes`, { rev: home.store.rev });
      const told = await ask('GET', `/api/v2/cards/${home.id}/fields`), mended = prepared(told.data);
      home.store.rebase(mended, mended, told.rev);
      home.store.show({ rank: told.rank, version: told.version });
    } catch (error) { tell((error as Error).message); }
    work(false);
  };
  if (!meters) return <p class="ce-none">Checked when you pause.</p>;
  return (
    <div class="form-grid">
      <div class="ce-head"><span class="section-title">Score</span><b class="num ce-score">{meters.score}<span class="ce-faint"> / 100</span></b></div>
      {meters.findings.some((one: Data) => one.can_fix) && <Button label={busy ? 'Mending…' : 'Mend what is safe to mend'} icon="wand-sparkles" text kind="plain" disabled={busy} onClick={() => { void mend(); }} />}
      {problem && <p class="field-error">{problem}</p>}
      <ul class="ce-findings">{meters.findings.map((one: Data) => <li class={`tone-${one.severity}`}><button type="button" onClick={() => jump(one.field)}><Icon name={one.severity === 'info' ? 'info' : one.severity === 'error' ? 'circle-x' : 'triangle-alert'} /><span>{one.message}<span class="block ce-faint">{one.field ? `${one.field}. ` : ''}{one.next_step}</span></span></button></li>)}</ul>
      {!meters.findings.length && <p class="ce-none">Nothing to complain about.</p>}
    </div>
  );
}

const ALWAYS = ['description', 'personality', 'scenario', 'system_prompt', 'post_history_instructions'];
const CONTEXTS = [2048, 4096, 8192, 16384, 32768, 131072];
/** What the card takes of a chat's context: always, by examples, by the longest greeting, by lore at the worst. */
export function Budget() {
  const card = use((s) => s.card), context: number = use((s) => s.state.context), meters = use((s) => s.state.meters);
  use((s) => s.state.counts);
  const of = (field: string, text: string) => counted(field, text ?? '').tokens;
  const own = ALWAYS.reduce((sum, name) => sum + of(name, card[name]), 0);
  const lore: Data[] = card.character_book?.entries ?? [];
  const constant = lore.reduce((sum, one, n) => sum + (one.constant && one.enabled !== false ? entryTokens(one, n) : 0), 0);
  const greeting = Math.max(of('first_mes', card.first_mes), ...(card.alternate_greetings ?? []).map((text: string, n: number) => of(`alternate_greetings[${n}]`, text)));
  const examples = of('mes_example', card.mes_example), worst = Math.max(0, (meters?.budget.lorebook_worst ?? constant) - constant);
  const parts: [string, string, number][] = [['always', 'always', own + constant], ['greeting', 'greeting', greeting], ['examples', 'examples', examples], ['lore', 'lore, at the worst', worst]];
  const sum = parts.reduce((all, [, , n]) => all + n, 0), left = context - sum;
  return (
    <section class="ce-budget" aria-label="Budget of tokens">
      <div class="ce-budget-bar" role="img" aria-label={`${sum} of ${context} tokens at the worst`}>{parts.map(([name, , n]) => <span class={`ce-b-${name}`} style={{ width: `${Math.min(100, (100 * n) / Math.max(context, sum))}%` }} />)}</div>
      <p class="ce-legend">{parts.map(([name, label, n]) => <span><i class={`ce-b-${name}`} />{label} <b class="num">{n.toLocaleString('en')}</b></span>)}<span class={left < 0 ? 'text-error' : ''}>{left < 0 ? `${(-left).toLocaleString('en')} too many` : `${left.toLocaleString('en')} left`}</span>
        <label class="ce-context">of <select aria-label="Context of the chat" value={context} onChange={(e) => { home.store.show({ context: Number(e.currentTarget.value) }); localStorage.setItem('card-context', e.currentTarget.value); }}>{CONTEXTS.map((n) => <option value={n}>{n.toLocaleString('en')}</option>)}</select></label></p>
    </section>
  );
}

export const SIDES: [string, string, string][] = [['preview', 'Preview', 'eye'], ['trial', 'Lore test', 'flask-conical'], ['checks', 'Checks', 'list-checks'], ['entry', 'Entry', 'book-open']];
const PANES: Record<string, () => any> = { preview: Preview, trial: Trial, checks: Checks, entry: EntryPanel };
export function Side() {
  const side: string = use((s) => s.state.side), count = use((s) => s.state.meters?.findings.filter((one: Data) => one.severity !== 'info').length ?? 0);
  const hasEntry = use((s) => s.state.entry >= 0 && Boolean(s.card.character_book?.entries?.[s.state.entry]));
  const Pane = PANES[side] ?? Preview;
  return (
    <aside class="ce-side" aria-label="Preview and tests">
      <div class="ce-tabs" role="tablist" aria-label="Right column">{SIDES.filter(([key]) => key !== 'entry' || hasEntry).map(([key, label]) => <button type="button" role="tab" aria-selected={side === key} onClick={() => home.store.show({ side: key })}>{label}{key === 'checks' && count > 0 && <span class="ce-count">{count}</span>}</button>)}</div>
      <div class="ce-side-body" role="tabpanel" tabIndex={0}><Pane /></div>
    </aside>
  );
}
export type { Path };
export { content };

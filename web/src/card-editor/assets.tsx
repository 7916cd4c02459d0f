// The files of a V3 card: seen, added, exchanged, renamed, removed. Each change is a version on the server at once.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, home, Icon, Problems, use } from './parts';
import { ask } from './remote';
import { type Data } from './store';

const KINDS = ['icon', 'background', 'emotion', 'user_icon'];
const sized = (n: number) => (n < 1000 ? `${n} bytes` : n < 1_000_000 ? `${Math.round(n / 1000)} kB` : `${(n / 1_000_000).toFixed(1).replace('.0', '')} MB`);
const WHERE: Record<string, string> = { picture: 'in the picture', archive: 'in the archive', text: 'in the text of the card' };

/** Saves the words first, then does something to the files, then takes over what the server has. */
async function changed(work: (rev: number) => Promise<Data>): Promise<Data> {
  if (!(await home.settled())) throw new Error('Save the words of the card first.');
  const told = await work(home.store.rev), now = await ask('GET', `/api/v2/cards/${home.id}/fields`);
  home.store.adopt('assets', now.data.assets, now.rev);
  home.store.show({ picture: now.picture_url, version: now.version });
  return told;
}

export function Assets() {
  const rank: number = use((s) => s.state.rank), [list, take] = useState<Data | null>(null), [problem, tell] = useState(''), [note, say] = useState(''), [busy, work] = useState(false);
  const base = `/api/v2/cards/${home.id}/assets`, stored = use((s) => s.base.assets);
  useEffect(() => { let live = true; ask('GET', base).then((told) => { if (live) take(told); }, (error) => { if (live) tell(error.message); }); return () => { live = false; }; }, [stored]);
  const act = async (done: string, job: (rev: number) => Promise<Data>) => {
    work(true); tell(''); say('');
    try { take(await changed(job)); say(done); } catch (error) { tell((error as Error).message); }
    work(false);
  };
  const patch = (at: number, body: Data, done: string) => act(done, (rev) => ask('PATCH', `${base}/${at}`, { rev, ...body }));
  const move = async (from: number, to: number) => {
    const next = [...(home.store.card.assets ?? [])];
    next.splice(to, 0, ...next.splice(from, 1));
    home.store.set(['assets'], next, '');
    await act('', () => ask('GET', base));
  };
  return (
    <section class="ce-list" aria-label="Assets" aria-busy={busy || (!list && !problem)}>
      <header class="ce-head"><div><h3 class="section-title">Assets</h3><p class="field-hint">Files that programs show or play beside the chat: icons, backgrounds, emotions, sounds.</p></div></header>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {note && <p class="field-hint" role="status">{note}</p>}
      {!list && !problem && <div class="bone h-16" />}
      {list && rank < 3 && <Older rank={rank} container={list.container} />}
      {list && rank >= 3 && (list.container in READ_ONLY ? <Older rank={rank} container={list.container} /> : <Add list={list} busy={busy} act={act} base={base} />)}
      {list?.items.map((one: Data, n: number) => (
        <Row key={`${one.index}-${one.uri}`} one={one} list={list} busy={busy} base={base} patch={patch} act={act}
          up={n > 0 ? () => { void move(one.index, list.items[n - 1].index); } : undefined} down={n < list.items.length - 1 ? () => { void move(one.index, list.items[n + 1].index); } : undefined} />
      ))}
      {list && rank >= 3 && !list.items.length && <p class="ce-none">None: programs take the card's own picture as its icon.</p>}
      <Problems field="assets" />
    </section>
  );
}

type Act = (done: string, job: (rev: number) => Promise<Data>) => Promise<void>;
const READ_ONLY: Record<string, string> = { webp: 'a WebP picture', jpeg: 'a JPEG picture', byaf: 'a Backyard archive' };

function Older({ rank, container }: { rank: number; container: string }) {
  const [problem, tell] = useState(''), [busy, work] = useState(false);
  const convert = async () => {
    work(true); tell('');
    try {
      if (!(await home.settled())) throw new Error('Save the words of the card first.');
      let { rev } = home.store;
      for (const to of [...(container in READ_ONLY ? ['png'] : []), ...(rank < 3 ? ['v3'] : [])]) rev = (await ask('POST', `/api/v2/cards/${home.id}/conversion`, { rev, to })).rev;
      location.hash = 'assets';
      location.reload();
    } catch (error) { tell((error as Error).message); work(false); }
  };
  const why = rank < 3 ? `A card of version ${rank} has no place for files.` : `Nothing can be written into ${READ_ONLY[container]}.`;
  return <div class="ce-none ce-center"><Icon name="image" size="size-6" /><p>{why} {rank < 3 ? 'V3 has one, and every word stays.' : 'As a PNG it can carry them.'} Today's form stays an earlier version.</p><Button label={busy ? 'Converting…' : rank < 3 ? 'Convert to V3' : 'Convert to PNG'} icon="wand-sparkles" text kind="primary" disabled={busy} onClick={() => { void convert(); }} />{problem && <p class="field-error">{problem}</p>}</div>;
}

function Add({ list, busy, act, base }: { list: Data; busy: boolean; act: Act; base: string }) {
  const [kind, choose] = useState('emotion'), [uri, point] = useState('');
  const send = (body: FormData, done: string) => act(done, (rev) => { body.set('rev', String(rev)); body.set('type', kind); return ask('POST', base, body); });
  const files = (e: any) => {
    const chosen: File[] = [...e.currentTarget.files], large = chosen.find((one) => one.size > list.most_bytes), form = new FormData();
    e.currentTarget.value = '';
    if (!chosen.length) return;
    if (large) { void act('', async () => { throw new Error(`“${large.name}” has ${sized(large.size)}; ${sized(list.most_bytes)} fit ${WHERE[list.holds]}.${list.holds === 'text' ? ' As a CharX the card has room for more.' : ''}`); }); return; }
    for (const one of chosen) form.append('file', one);
    void send(form, chosen.length === 1 ? `“${chosen[0].name}” is in the card.` : `${chosen.length} files are in the card.`);
  };
  const elsewhere = () => { const form = new FormData(); form.set('uri', uri); void send(form, 'The address is in the card.').then(() => point('')); };
  return (
    <div class="ce-asset-add">
      <label class="field"><span class="field-label">Kind of what you add</span><input class="input-box input-small" data-field="assets" list="ce-kinds" value={kind} onInput={(e) => choose(e.currentTarget.value)} /><datalist id="ce-kinds">{KINDS.map((one) => <option value={one} />)}<option value="x_sound" /></datalist><span class="field-hint">Or one of your own, such as x_sound.</span></label>
      <div class="field"><span class="field-label">Files</span><label class={`drop ce-drop ${busy ? 'ce-busy' : ''}`}><Icon name={busy ? 'refresh-cw' : 'upload'} /><span>{busy ? 'Working…' : 'Drop or choose files'}</span><input type="file" multiple aria-label="Choose files to add" disabled={busy || !kind.trim()} onChange={files} /></label><span class="field-hint">Kept {WHERE[list.holds]}, {sized(list.most_bytes)} each at most.</span></div>
      <form class="field" onSubmit={(e) => { e.preventDefault(); elsewhere(); }}><label class="field-label" for="ce-elsewhere">Or a file elsewhere</label><span class="ce-row ce-nowrap"><input id="ce-elsewhere" class="input-box input-small" type="url" placeholder="https://…" value={uri} onInput={(e) => point(e.currentTarget.value)} /><button class="btn btn-plain btn-sm" disabled={busy || !uri.trim()}>Add</button></span><span class="field-hint">Only its address is kept; nothing is fetched.</span></form>
    </div>
  );
}

function Row({ one, list, busy, base, patch, act, up, down }: { one: Data; list: Data; busy: boolean; base: string; patch: (at: number, body: Data, done: string) => void; act: Act; up?: () => void; down?: () => void }) {
  const input = useRef<HTMLInputElement>(null), [broken, fail] = useState(false), canEdit = list.rank >= 3 && !(list.container in READ_ONLY);
  const where = { inside: `${sized(one.bytes)}, ${WHERE[list.holds]}`, data: `${sized(one.bytes)}, in the text of the card`, remote: `Elsewhere: ${one.uri}`, default: "The card's own picture", missing: one.uri ? `Missing: no file is called ${one.uri}` : 'Missing: it has no address' }[one.place as string];
  const kept = (field: string) => (e: any) => { const text = e.currentTarget.value.trim(); if (text && text !== one[field]) patch(one.index, { [field]: text }, 'Saved.'); else e.currentTarget.value = one[field]; };
  const enter = (e: KeyboardEvent) => { if (e.key === 'Enter') (e.currentTarget as HTMLElement).blur(); };
  const exchange = (e: any) => {
    const file: File | undefined = e.currentTarget.files?.[0], form = new FormData();
    e.currentTarget.value = '';
    if (!file) return;
    form.set('file', file);
    void act(`“${one.name}” has another file.`, (rev) => { form.set('rev', String(rev)); return ask('PUT', `${base}/${one.index}/file`, form); });
  };
  const label = `${one.type} ${one.name}`;
  return (
    <div class="ce-item ce-asset" data-asset={one.index}>
      <div class="ce-thumb">{one.is_picture && !broken ? <img src={`${base}/${one.index}/picture?width=160&rev=${list.rev}`} alt="" loading="lazy" onError={() => fail(true)} /> : <Icon name={one.place === 'missing' ? 'triangle-alert' : one.place === 'remote' ? 'link' : /^(mp3|ogg|wav|flac|m4a|opus)$/.test(one.ext) ? 'music' : 'file'} size="size-5" />}</div>
      <div class="ce-asset-words">
        <input class="input-box input-small" list="ce-kinds" aria-label={`Kind of ${label}`} key={`kind ${one.type}`} defaultValue={one.type} disabled={!canEdit || busy} onBlur={kept('type')} onKeyDown={enter} />
        <input class="input-box input-small" aria-label={`Name of ${label}`} key={`name ${one.name}`} defaultValue={one.name} disabled={!canEdit || busy} onBlur={kept('name')} onKeyDown={enter} />
        <p class={`field-hint ce-asset-where ${one.place === 'missing' ? 'ce-missing' : ''}`}>{one.is_main && <b>main · </b>}{one.ext} · {where}</p>
      </div>
      <div class="ce-asset-tools">
        {one.file_url ? <a class="btn btn-ghost btn-sm btn-square" href={one.file_url} download aria-label={`Download ${label}`} title={`Download ${label}`}><Icon name="download" /></a> : <i />}
        {canEdit && <>
          <span><Button label={`Exchange the file of ${label}`} icon="upload" disabled={busy} onClick={() => input.current?.click()} /><input ref={input} class="sr-only" type="file" tabIndex={-1} aria-label={`Another file for ${label}`} onChange={exchange} /></span>
          <Button label={`Remove ${label}`} icon="trash-2" disabled={busy} onClick={() => { void act(`“${one.name}” is out of the card; the version before still has it.`, (rev) => ask('DELETE', `${base}/${one.index}?rev=${rev}`)); }} />
          <Button label={`Move ${label} up`} icon="arrow-up" disabled={busy || !up} onClick={() => up?.()} />
          <Button label={`Move ${label} down`} icon="arrow-down" disabled={busy || !down} onClick={() => down?.()} />
          {['icon', 'background'].includes(one.type) ? <Button label={`Make ${label} the main ${one.type}`} icon="star" pressed={one.is_main} disabled={busy || one.is_main} onClick={() => { patch(one.index, { is_main: true }, `“${one.name}” is the main ${one.type} now.`); }} /> : <i />}
        </>}
      </div>
    </div>
  );
}

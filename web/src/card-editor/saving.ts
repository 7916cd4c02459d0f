// Keeps every word: in this browser at once, on the server after a pause; and asks when somebody else was there first.
import { ask, read, Refused, signedIn } from './remote';
import { type Data, difference, prepared, same, type Store } from './store';
import { later } from './tokens';

export interface Clash { field: string; base: any; mine: any; theirs: any }
const PAUSE = 1200, RETRY = 8000;

export class Saving {
  private timer = 0;
  private keeping = 0;
  private busy = false;
  private again = false;
  constructor(private store: Store, private id: string) {
    let card = store.card;
    store.on(() => { if (store.card !== card) { card = store.card; this.touched(); } });
    addEventListener('online', () => { void this.save(); });
    addEventListener('pagehide', () => { this.keep(); if (store.isChanged && store.state.saving !== 'clash') void this.send(true).catch(() => 0); });
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.keep(); else if (['signed-out', 'offline'].includes(store.state.saving)) void this.save(); });
  }
  private get key() { return `card-draft:${this.id}`; }
  private touched() {
    clearTimeout(this.timer); clearTimeout(this.keeping);
    this.keeping = window.setTimeout(() => later(() => this.keep()), 300);
    if (this.store.state.saving === 'clash') return;
    if (!this.store.isChanged) { this.tell('saved'); this.keep(); return; }
    if (!['offline', 'signed-out'].includes(this.store.state.saving)) this.tell('typing');
    this.timer = window.setTimeout(() => { void this.save(); }, PAUSE);
  }
  private tell(saving: string, why = '') {
    if (this.store.state.saving !== saving || this.store.state.why !== why) this.store.show({ saving, why });
  }

  /** What the server does not have yet, with the state that it was made of, in this browser. */
  keep() {
    const { base, card, rev } = this.store;
    if (!this.store.isChanged) { localStorage.removeItem(this.key); return; }
    const names = [...new Set([...Object.keys(base), ...Object.keys(card)])].filter((name) => base[name] !== card[name] && !same(base[name], card[name]));
    const pick = (from: Data) => Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
    const open = this.store.state.saving === 'clash' ? (this.store.state.clashes as Clash[]).map(({ field, base: was }) => ({ field, base: was })) : undefined;
    const draft = { rev, at: Date.now(), names, mine: pick(card), open };
    for (const text of [() => JSON.stringify({ ...draft, base: pick(base) }), () => JSON.stringify(draft)]) {
      try { localStorage.setItem(this.key, text()); return; } catch { /* full: try the shorter one */ }
    }
    this.tell('refused', 'This browser has no room left to keep unsaved words. Keep the page open until they are saved.');
  }

  /** Words that an earlier page kept and the server never got. */
  recover() {
    let draft: any;
    try { draft = read(localStorage.getItem(this.key) ?? 'null'); } catch { return; } // large numbers as they were
    if (!draft?.names?.length) return;
    const { store } = this, now = store.base;
    if (draft.names.every((name: string) => same(draft.mine[name], now[name]))) { localStorage.removeItem(this.key); return; } // they arrived after all
    const mine: Data = { ...now };
    for (const name of draft.names) if (name in draft.mine) mine[name] = draft.mine[name]; else delete mine[name];
    if (draft.rev === store.rev && !draft.open) {
      store.rebase(now, prepared(mine), store.rev);
      store.show({ notice: `Words from ${new Date(draft.at).toLocaleString()} that were not saved are back.` });
      return;
    }
    const base: Data = { ...now }, asked = new Map<string, any>((draft.open ?? []).map((one: Data) => [one.field, one.base])); // nobody has chosen yet
    for (const name of draft.names) { // without the old state, everything is asked about
      const was = asked.has(name) ? asked.get(name) : draft.base?.[name];
      if (was === undefined) delete base[name]; else base[name] = was;
    }
    this.meet(base, prepared({ ...now, ...mine }), now, store.rev, draft.names);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy) { this.again = true; return; }
    if (this.store.state.saving === 'clash') return;
    if (!this.store.isChanged) { this.tell('saved'); this.keep(); return; }
    this.busy = true;
    try {
      await this.send();
    } catch (error) {
      await this.failed(error);
    } finally {
      this.busy = false;
      if (this.again) { this.again = false; void this.save(); }
    }
  }
  /** Saves what is left and says whether the server has everything now. */
  async settled(): Promise<boolean> {
    for (let n = 0; n < 60 && (this.busy || this.store.isChanged); n += 1) {
      if (!this.busy) await this.save();
      if (['offline', 'signed-out', 'refused', 'clash'].includes(this.store.state.saving)) return false;
      await new Promise((go) => { setTimeout(go, 100); });
    }
    return !this.store.isChanged;
  }
  private async send(isLast = false) {
    const { store } = this, sent = store.card, body = { rev: store.rev, ...store.patch };
    if (isLast && JSON.stringify(body).length > 60_000) return; // a browser sends no more while it closes; the draft is there
    this.tell('saving');
    const card = await ask('PATCH', `/api/v2/cards/${this.id}`, body, isLast ? { keepalive: true } : {});
    this.tried = false;
    store.settle(sent, card.rev);
    store.show({ saved_at: Date.now(), version: card.version, notice: '' });
    this.keep();
    if (store.isChanged) this.touched(); else this.tell('saved');
  }
  private async failed(error: unknown) {
    const status = error instanceof Refused ? error.status : 0;
    if (error instanceof Refused && error.code === 'changed_meanwhile') { await this.changedElsewhere(); return; }
    if (status === 401 || status === 403) {
      const isSecond = this.tried;
      this.tried = !isSecond && (await signedIn(location.pathname).catch(() => false));
      if (this.tried) { this.again = true; return; } // a session of its own began: once more with its token
      if (isSecond) { this.tell('refused', (error as Error).message); return; }
      this.tell('signed-out');
    }
    else if (status && status < 500 && status !== 429) { this.tell('refused', (error as Error).message); return; }
    else this.tell('offline', status ? (error as Error).message : '');
    this.keep();
    this.timer = window.setTimeout(() => { void this.save(); }, RETRY);
  }
  private tried = false;

  private async changedElsewhere() {
    const answer = await ask('GET', `/api/v2/cards/${this.id}/fields`).catch(() => null);
    if (!answer) { this.tell('offline'); this.timer = window.setTimeout(() => { void this.save(); }, RETRY); return; }
    const { base, card } = this.store, patch = difference(base, card);
    const names = [...new Set([...Object.keys(patch.set), ...patch.remove].map((field) => (field.startsWith('book') ? 'character_book' : field)))];
    this.meet(base, card, prepared(answer.data), answer.rev, names);
  }
  /** Brings our changes onto theirs. Fields that both changed are asked about. */
  private meet(base: Data, mine: Data, theirs: Data, rev: number, names: string[]) {
    const merged: Data = { ...theirs }, clashes: Clash[] = [];
    for (const name of names) {
      if (!same(base[name], theirs[name]) && !same(mine[name], theirs[name])) clashes.push({ field: name, base: base[name], mine: mine[name], theirs: theirs[name] });
      if (mine[name] === undefined) delete merged[name]; else merged[name] = mine[name];
    }
    this.store.rebase(theirs, merged, rev);
    if (clashes.length) { this.store.show({ saving: 'clash', clashes }); this.keep(); return; }
    this.store.show({ notice: 'Somebody else changed other fields of this card; both changes are in.', saving: 'typing' });
    void Promise.resolve().then(() => this.save());
  }
  /** Whose words stay, by field; the others' stay among the versions. */
  decide(choices: Record<string, 'mine' | 'theirs'>) {
    const card = { ...this.store.card };
    for (const clash of this.store.state.clashes as Clash[]) {
      if (choices[clash.field] === 'theirs') { if (clash.theirs === undefined) delete card[clash.field]; else card[clash.field] = clash.theirs; }
    }
    this.store.show({ saving: 'typing', clashes: [] });
    this.store.set([], card, '');
    void this.save();
  }
}

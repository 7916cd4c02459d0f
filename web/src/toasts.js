// Toasts: `toast(text, kind, undo)` from scripts, "toasts" events from the server's HX-Trigger, undo as a function or an address to POST to.
export const toast = (text, kind = 'info', undo = null) => dispatchEvent(new CustomEvent('toast', { detail: { text, kind, undo } }));
window.toast = toast;
let next = 1;

export const toasts = () => ({
  items: [],
  add(e) {
    const { text, kind = 'info', undo = null, undo_url: url = '' } = e.detail;
    // Alpine calls a function that is an expression's value: the row gets a plain boolean to test.
    const item = { id: next++, text, tone: `tone-${kind}`, undo, url, canUndo: Boolean(undo || url) };
    this.items.push(item);
    setTimeout(() => this.drop(item.id), item.canUndo ? 9000 : kind === 'error' ? 8000 : 4500);
  },
  many(e) { for (const item of e.detail.items ?? []) this.add({ detail: item }); },
  drop(id) { this.items = this.items.filter((t) => t.id !== id); },
  undo(item) {
    this.drop(item.id);
    if (item.undo) item.undo();
    else window.htmx.ajax('POST', item.url, { target: 'body', swap: 'none' });
  },
});

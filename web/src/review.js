// Review by keyboard: inside [data-review-list], j and k move between [data-review]; a, r, e press its [data-key] buttons; ? shows the keys.
const cards = () => [...document.querySelectorAll('[data-review-list] [data-review]')];
const typing = (el) => el.closest?.('input, textarea, select, [contenteditable], dialog[open]');

document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
  const all = cards();
  if (!all.length) return;
  // Where one post fills the page, its keys work wherever the focus is.
  const here = document.activeElement?.closest?.('[data-review]') ?? (all.length === 1 ? all[0] : null), at = all.indexOf(here);
  const step = (e.key === 'j' || e.key === 'k') && document.querySelector(`[data-review-list] [data-step="${e.key}"]`);
  if (step) { e.preventDefault(); step.click(); return; }
  if (e.key === 'j' || e.key === 'k') {
    e.preventDefault();
    const next = all[Math.min(all.length - 1, Math.max(0, at + (e.key === 'j' ? 1 : -1)))];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    return;
  }
  const button = here?.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
  if (button) { e.preventDefault(); button.click(); }
});
// details[data-focus]: when it opens, its first field gets the focus.
document.addEventListener('toggle', (e) => {
  if (e.target.matches?.('details[data-focus]') && e.target.open) e.target.querySelector('input:not([type=hidden]), textarea')?.focus();
}, true);
// Where one post fills the page, the next one is read from its top.
let shown = document.querySelector('[data-review-list][data-post]')?.dataset.post;
document.addEventListener('htmx:after:swap', () => {
  const now = document.querySelector('[data-review-list]')?.dataset.post;
  if (now !== shown && shown !== undefined) scrollTo({ top: 0 });
  shown = now;
});
// Toasts stand above the bar that decides about a post.
const bar = () => document.body.toggleAttribute('data-reviewing', Boolean(document.querySelector('[data-review-bar]')));
document.addEventListener('htmx:after:swap', bar);
bar();
let was = -1;
// A decided card leaves the list: the focus stays at its place, on the next one.
document.addEventListener('htmx:before:swap', () => { was = cards().indexOf(document.activeElement?.closest?.('[data-review]')); });
document.addEventListener('htmx:after:swap', () => {
  if (was < 0 || document.activeElement?.closest?.('[data-review]')) return;
  const all = cards();
  all[Math.min(was, all.length - 1)]?.focus({ preventScroll: true });
  was = -1;
});

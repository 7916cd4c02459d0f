// A suggested answer goes into the box ([data-fill] names it); a conversation opens at its end and stays there.
document.addEventListener('click', (e) => {
  const pick = e.target.closest('[data-fill]'), box = pick && document.querySelector(pick.dataset.fill);
  if (!box) return;
  e.preventDefault();
  box.value = pick.dataset.text;
  box.focus();
});
const settled = new WeakMap();
function settle() {
  const log = document.querySelector('[data-bottom]');
  if (!log || settled.get(log) === log.childElementCount + log.id) return;
  settled.set(log, log.childElementCount + log.id);
  log.scrollTop = log.scrollHeight;
  const now = location.pathname.split('/')[2] ?? '';
  const at = document.querySelector('#talk-at');
  if (at) at.value = now;
  for (const row of document.querySelectorAll('.talk-row')) row.toggleAttribute('data-now', row.id === `talk-${now}`);
}
settle();
document.addEventListener('htmx:after:swap', settle);
document.addEventListener('htmx:after:push:into:history', settle);
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || !e.target.matches('.talk-answer')) return;
  e.preventDefault();
  e.target.form.requestSubmit();
});
document.addEventListener('inbox', () => { if (document.querySelector('[data-inbox-empty]')) location.reload(); });

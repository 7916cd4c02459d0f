// Log pages: "Follow" asks again every two seconds and keeps the end in sight; [data-copy-from="#id"] copies an element's text.
const stick = () => document.querySelectorAll('[data-stick]').forEach((el) => { el.scrollTop = el.scrollHeight; });
const following = () => document.querySelector('[data-follow]')?.checked && !document.hidden;

setInterval(() => { if (following()) document.querySelector('[data-again]')?.click(); }, 2000);
document.addEventListener('htmx:after:swap', () => { if (following()) stick(); });
document.addEventListener('change', (e) => { if (e.target.matches?.('[data-follow]')) { e.stopPropagation(); stick(); } }, true);
document.addEventListener('click', async (e) => {
  const button = e.target.closest?.('[data-copy-from]');
  if (!button) return;
  const from = document.querySelector(button.dataset.copyFrom);
  await navigator.clipboard.writeText([...from.children].map((line) => line.innerText.replaceAll('\n', ' ')).join('\n'));
  dispatchEvent(new CustomEvent('toast', { detail: { text: 'Copied.', kind: 'success' } }));
});
stick();

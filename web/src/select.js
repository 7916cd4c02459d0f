// Bulk selection: native checkboxes name="ids" inside [data-select]; shift picks a span; [data-bulk] shows while something is picked.
let last = null;
const picked = new Set();
const boxes = () => [...document.querySelectorAll('[data-select] input[name=ids]')];

function tell() {
  picked.clear();
  for (const box of boxes()) if (box.checked) picked.add(box.value);
  for (const bar of document.querySelectorAll('[data-bulk]')) {
    bar.hidden = picked.size === 0;
    const count = bar.querySelector('[data-bulk-count]');
    if (count) count.textContent = picked.size;
  }
}
const all = (on) => { for (const box of boxes()) box.checked = on; tell(); };

document.addEventListener('click', (e) => {
  if (e.target.closest('[data-select-all]')) all(true);
  if (e.target.closest('[data-select-none]')) all(false);
  if (!e.target.matches('[data-select] input[name=ids]')) return;
  const list = boxes(), from = list.findIndex((b) => b.value === last), to = list.indexOf(e.target);
  if (e.shiftKey && from >= 0) for (const box of list.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = e.target.checked;
  last = e.target.value;
  tell();
});
document.addEventListener('keydown', (e) => { if (e.key === 'Escape' && picked.size && !document.querySelector('dialog[open]')) all(false); });
document.addEventListener('selection-clear', () => all(false));
document.addEventListener('htmx:after:swap', () => { for (const box of boxes()) if (picked.has(box.value)) box.checked = true; tell(); });

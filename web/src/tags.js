// .tags-box: words as chips over one hidden comma-separated field; without scripts the field itself is shown.
const values = (box) => box.querySelector('[data-tags-value]').value.split(',').map((t) => t.trim()).filter(Boolean);

function draw(box) {
  for (const chip of box.querySelectorAll('.tag-chip')) chip.remove();
  const entry = box.querySelector('[data-tags-entry]');
  for (const word of values(box)) {
    const chip = document.createElement('span');
    chip.className = 'tag-chip';
    chip.textContent = word;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.className = 'px-1';
    remove.setAttribute('aria-label', `Remove ${word}`);
    remove.textContent = '×';
    remove.onclick = () => write(box, values(box).filter((w) => w !== word));
    chip.append(remove);
    entry.before(chip);
  }
}
function write(box, words) {
  const field = box.querySelector('[data-tags-value]');
  field.value = [...new Set(words)].join(', ');
  field.dispatchEvent(new Event('change', { bubbles: true }));
  draw(box);
}
function take(entry) {
  const box = entry.closest('.tags-box'), found = entry.value.split(',').map((t) => t.trim()).filter(Boolean);
  entry.value = '';
  if (found.length) write(box, [...values(box), ...found]);
}
function dress(root) {
  for (const box of root.querySelectorAll('.tags-box:not([data-dressed])')) {
    box.toggleAttribute('data-dressed', true);
    box.querySelector('[data-tags-value]').type = 'hidden';
    box.querySelector('[data-tags-entry]').hidden = false;
    draw(box);
  }
}
document.addEventListener('keydown', (e) => {
  if (!e.target.matches?.('[data-tags-entry]')) return;
  if (e.key === 'Enter' || e.key === ',') { e.preventDefault(); take(e.target); }
  const box = e.target.closest('.tags-box');
  if (e.key === 'Backspace' && !e.target.value) write(box, values(box).slice(0, -1));
});
document.addEventListener('focusout', (e) => { if (e.target.matches('[data-tags-entry]')) take(e.target); });
document.addEventListener('htmx:after:swap', () => dress(document));
dress(document);

// [data-count="id"] shows how much of a text's limit is used; [data-mirror="id"] shows a slider's value.
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null;
// Platforms count what people see: an emoji is one.
const length = (text) => (segmenter ? [...segmenter.segment(text)].length : [...text].length);

function count(field) {
  const out = document.getElementById(field.dataset.count), limit = Number(field.dataset.limit);
  if (!out) return;
  const used = length(field.value);
  out.textContent = limit ? `${used} / ${limit}` : `${used}`;
  out.classList.toggle('text-error', Boolean(limit) && used > limit);
  out.classList.toggle('font-semibold', Boolean(limit) && used > limit);
}
document.addEventListener('input', (e) => {
  if (e.target.dataset?.count) count(e.target);
  const mirror = e.target.dataset?.mirror && document.getElementById(e.target.dataset.mirror);
  if (mirror) mirror.textContent = e.target.type === 'range' ? Number(e.target.value).toFixed(2) : e.target.value;
});
const all = () => document.querySelectorAll('[data-count]').forEach(count);
document.addEventListener('htmx:after:swap', all);
all();

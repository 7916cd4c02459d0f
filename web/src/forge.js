// The forge's form: Generate is on when there is a source (or a card) and both profiles; a found name goes into its field.
const has = (form, name) => [...form.querySelectorAll(`[name="${name}"]`)].some((one) => (one.type === 'file' ? one.files.length : one.type === 'checkbox' || one.type === 'radio' ? one.checked : one.value.trim()));

function missing(form) {
  const source = ['source_text', 'source', 'files'].some((name) => has(form, name));
  const mode = form.querySelector('[name="mode"]:checked')?.value;
  if (mode !== 'create' && !has(form, 'card') && !has(form, 'files')) return 'Add the card that it is about.';
  if (mode === 'revise' && !has(form, 'instruction')) return 'Say what is to be changed.';
  if (!source && !(mode === 'revise' || mode === 'fill')) return 'Add a text or a file.';
  if (!has(form, 'config_profile') || !has(form, 'prompt_profile')) return 'Choose both profiles.';
  return '';
}

function judge(form) {
  const why = missing(form);
  form.querySelector('[data-forge-go]').disabled = Boolean(why);
  form.querySelector('[data-forge-why]').textContent = why;
}

const every = (root) => { for (const form of root.querySelectorAll?.('form[data-forge]') ?? []) judge(form); };
for (const kind of ['input', 'change']) document.addEventListener(kind, (e) => { const form = e.target.closest?.('form[data-forge]'); if (form) judge(form); });
document.addEventListener('click', (e) => {
  const found = e.target.closest('[data-forge-name]');
  const field = found?.closest('form')?.querySelector('[name="name"]');
  if (field) { field.value = found.dataset.forgeName; field.focus(); }
});
document.addEventListener('htmx:after:swap', () => every(document));
every(document);

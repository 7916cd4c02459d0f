// The forge's form: Generate is on when there is a source (or a card) and both profiles; files say Ready, Sending, Done or why not;
// the panel of both profiles shows that it is read, and says so when it cannot be.
const MOST = 20_000_000; // bytes of one file, as the server has it
const has = (form, name) => [...form.querySelectorAll(`[name="${name}"]:enabled`)].some((one) => (one.type === 'file' ? one.files.length : one.type === 'checkbox' || one.type === 'radio' ? one.checked : one.value.trim()));
const inputs = (form) => [...form.querySelectorAll('input[type=file]')];

function missing(form) {
  const source = ['source_text', 'source', 'files'].some((name) => has(form, name));
  const mode = form.querySelector('[name="mode"]:checked')?.value;
  if (!has(form, 'config_profile') || !has(form, 'prompt_profile')) return 'Choose both profiles.';
  if (mode !== 'create' && !['card', 'library_card_id', 'files'].some((name) => has(form, name))) return 'Add the card that it is about.';
  if (mode === 'revise' && !has(form, 'instruction')) return 'Say what is to be changed.';
  if (mode === 'translate' && !has(form, 'translate_to')) return 'Say into which language.';
  if (!source && !['revise', 'fill', 'translate'].includes(mode)) return 'Add a text or a file.';
  const large = inputs(form).flatMap((one) => [...one.files]).find((file) => file.size > MOST);
  return large ? `“${large.name}” is larger than ${MOST / 1e6} MB.` : '';
}

/** Only what the chosen way asks for is shown and sent; without scripts all of it is there. */
function fit(form) {
  const mode = form.querySelector('[name="mode"]:checked')?.value;
  for (const part of form.querySelectorAll('[data-forge-for]')) {
    part.hidden = !part.dataset.forgeFor.split(' ').includes(mode);
    for (const one of part.querySelectorAll('input, select, textarea')) one.disabled = part.hidden;
    if (part.tagName === 'DETAILS' && !part.hidden) part.open = true;
  }
}

function judge(form) {
  fit(form);
  const why = missing(form), note = form.querySelector('[data-forge-why]');
  form.querySelector('[data-forge-go]').disabled = Boolean(why);
  note.textContent = why;
  note.classList.remove('field-error');
}

/** A word under every chosen file. drop.js has drawn them before: it listens first. */
function say(form, word, tone = '') {
  for (const input of inputs(form)) {
    [...(input.closest('.drop')?.querySelectorAll('.drop-item') ?? [])].forEach((item, n) => {
      const state = item.querySelector('.forge-state') ?? item.appendChild(Object.assign(document.createElement('span'), { className: 'forge-state' }));
      const isLarge = input.files[n]?.size > MOST;
      state.textContent = isLarge ? 'Too large' : word;
      state.dataset.tone = isLarge ? 'error' : tone;
    });
  }
}

const form = (e) => { const found = e.detail?.ctx?.sourceElement; return found?.matches?.('form[data-forge]') ? found : null; };
function refused(form, status) {
  const note = form.querySelector('[data-forge-why]');
  say(form, 'Not sent', 'error');
  form.querySelector('[data-forge-go]').disabled = false;
  note.textContent = status ? `The server did not take it (${status}). Everything is still here: try again.` : 'The server cannot be reached. Everything is still here: try again when it is back.';
  note.classList.add('field-error');
}

// A form that comes back with its mistakes is another one, and a browser forgets its files: they are put back.
let kept = new Map();
document.addEventListener('htmx:before:request', (e) => {
  const sent = form(e);
  if (sent) { kept = new Map(inputs(sent).map((one) => [one.name, one.files])); say(sent, 'Sending…', 'info'); sent.querySelector('[data-forge-go]').disabled = true; }
  if (e.detail?.ctx?.target?.id === 'forge-details') read(e.detail.ctx.target);
});
document.addEventListener('htmx:after:request', (e) => { const sent = form(e), status = e.detail.ctx.response?.status; if (sent && status >= 200 && status < 300) say(sent, 'Done', 'success'); });
document.addEventListener('htmx:response:error', (e) => {
  const sent = form(e), { status } = e.detail.ctx.response;
  if (sent && status !== 422) refused(sent, status);
  if (e.detail.ctx.target?.id === 'forge-details') unread(e.detail.ctx);
});
document.addEventListener('htmx:error', (e) => {
  const sent = form(e), ctx = e.detail?.ctx;
  if (sent && !ctx.response) refused(sent, 0);
  if (ctx?.target?.id === 'forge-details' && !ctx.response) unread(ctx);
});

/** The panel while the profiles are read: bones in its place. */
function read(panel) {
  panel.querySelector('.forge-bones')?.remove();
  const bones = document.querySelector('template[data-forge-bones]')?.content.firstElementChild.cloneNode(true);
  if (bones) panel.prepend(bones);
  panel.setAttribute('aria-busy', 'true');
}
/** The panel when they cannot be had. What it showed before would be about another profile. */
function unread(ctx) {
  const panel = document.getElementById('forge-details'), told = document.querySelector('template[data-forge-unread]')?.content.firstElementChild.cloneNode(true);
  panel.removeAttribute('aria-busy');
  if (!told) return;
  told.querySelector('button').addEventListener('click', () => ctx.sourceElement.dispatchEvent(new Event('change', { bubbles: true })));
  panel.replaceChildren(told);
}

const every = (root) => { for (const one of root.querySelectorAll?.('form[data-forge]') ?? []) judge(one); };
for (const kind of ['input', 'change']) {
  document.addEventListener(kind, (e) => {
    const found = e.target.closest?.('form[data-forge]');
    if (found && e.target.type === 'file') say(found, 'Ready', 'success');
    if (found) judge(found);
  });
}
document.addEventListener('click', (e) => {
  const found = e.target.closest('[data-forge-name]');
  const field = found?.closest('form')?.querySelector('[name="name"]');
  if (field) { field.value = found.dataset.forgeName; field.focus(); }
});
document.addEventListener('htmx:after:swap', (e) => {
  const status = e.detail?.ctx?.response?.status ?? 200, isForm = e.detail?.ctx?.target?.id === 'forge'; // the form itself is gone by now
  if (isForm && status >= 400 && status !== 422) return; // nothing was swapped, and the reason stays
  if (isForm) {
    for (const input of document.querySelectorAll('form[data-forge] input[type=file]')) {
      if (kept.get(input.name)?.length && !input.files.length) { input.files = kept.get(input.name); input.dispatchEvent(new Event('change', { bubbles: true })); }
    }
  }
  every(document);
});
every(document);

// [data-open="id"] opens a dialog, [data-close] closes it, [data-confirm] asks before a form or link goes on, [data-copy] copies,
// details.menu-box closes on a click elsewhere or Escape.
import { toast } from './toasts.js';

const ask = (text, go, stop = () => {}) => {
  const box = document.querySelector('#confirm');
  if (!box) return go();
  box.querySelector('[data-confirm-text]').textContent = text;
  box.returnValue = '';
  box.addEventListener('close', () => { if (box.returnValue === 'yes') go(); else stop(); }, { once: true });
  box.showModal();
};
document.addEventListener('click', (e) => {
  const target = e.target;
  for (const menu of document.querySelectorAll('details.menu-box[open]')) if (!menu.contains(target)) menu.open = false;
  const opener = target.closest('[data-open]');
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (target.closest('[data-close]')) target.closest('dialog')?.close();
  if (target instanceof HTMLDialogElement && !target.hasAttribute('data-keep')) target.close(); // a click on the backdrop
  const copy = target.closest('[data-copy]');
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => toast('Copied', 'success'), () => toast('Copying is not allowed here: select the text instead.', 'warning'));
});
// In the capture phase, so that htmx does not see the submit before the person has answered.
document.addEventListener('submit', (e) => {
  const source = e.submitter?.closest('[data-confirm]') ?? e.target.closest('[data-confirm]');
  if (!source || source.dataset.confirmed) { if (source) delete source.dataset.confirmed; return; }
  e.preventDefault();
  e.stopImmediatePropagation();
  const { target, submitter } = e;
  ask(source.dataset.confirm, () => { source.dataset.confirmed = '1'; target.requestSubmit(submitter); });
}, true);
document.addEventListener('htmx:confirm', (e) => {
  const text = e.detail.ctx?.confirm;
  if (!text || !e.detail.issueRequest) return;
  e.preventDefault();
  ask(text, e.detail.issueRequest, e.detail.dropRequest);
});
document.addEventListener('keydown', (e) => {
  if (e.key === 'Escape') for (const menu of document.querySelectorAll('details.menu-box[open]')) { menu.open = false; menu.querySelector('summary').focus(); }
});
document.addEventListener('change', (e) => { if (e.target.matches('[data-submit-on-change]') && !e.target.form.hasAttribute('hx-get')) e.target.form.requestSubmit(); });
// A dialog that arrives by a swap opens itself; on the way out it is removed, so that its ids do not stand twice.
document.addEventListener('htmx:after:swap', () => { for (const box of document.querySelectorAll('dialog[data-arrives]:not([open])')) { box.showModal(); box.addEventListener('close', () => box.remove(), { once: true }); } });
for (const box of document.querySelectorAll('dialog[data-arrives]')) box.showModal();

// After something was done with everything picked, its dialog closes; [data-fill="id"] writes its words into that field.
document.addEventListener('selection-clear', () => { for (const box of document.querySelectorAll('dialog[open][id^=bulk-]')) { box.querySelector('form')?.reset(); box.close(); } });
document.addEventListener('click', (e) => {
  const words = e.target.closest('[data-fill]');
  const field = words && document.getElementById(words.dataset.fill);
  if (!field) return;
  field.value = words.textContent;
  field.focus();
});

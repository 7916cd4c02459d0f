// [data-dice="id"] writes a new number into that field, frees the layout, and lets the preview know.
document.addEventListener('click', (e) => {
  const dice = e.target.closest('[data-dice]');
  const field = dice && document.getElementById(dice.dataset.dice);
  if (!field) return;
  for (const any of field.form.querySelectorAll('input[name^=variant_][value=""]')) any.checked = true;
  field.value = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
  field.dispatchEvent(new Event('change', { bubbles: true }));
});

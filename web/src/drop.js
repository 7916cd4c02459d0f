// .drop: a file field that takes dragged files and shows what was chosen; it is a plain file field without scripts.
const show = (input) => {
  const list = input.closest('.drop')?.querySelector('.drop-list');
  if (!list) return;
  list.replaceChildren(...[...input.files].slice(0, 24).map((file) => {
    const item = document.createElement('div');
    item.className = 'drop-item';
    const isImage = file.type.startsWith('image/');
    const face = document.createElement(isImage ? 'img' : 'span');
    if (isImage) { face.src = URL.createObjectURL(file); face.alt = ''; face.onload = () => URL.revokeObjectURL(face.src); }
    else { face.className = 'file'; face.textContent = file.name.split('.').pop().toUpperCase(); }
    const name = document.createElement('span');
    name.className = 'truncate';
    name.textContent = file.name;
    item.append(face, name);
    return item;
  }));
};
document.addEventListener('change', (e) => { if (e.target.matches('.drop input[type=file]')) show(e.target); });
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (e) => { e.target.closest?.('.drop')?.toggleAttribute('data-over', kind === 'dragover'); });
}

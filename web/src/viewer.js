// [data-view] opens the picture or film it points to in one viewer; arrows walk through all of the same [data-view-group].
let group = [], at = 0;
const box = () => document.querySelector('#viewer');

function draw() {
  const from = group[at], stage = box().querySelector('[data-viewer-stage]');
  const isFilm = from.dataset.viewKind === 'video';
  const shown = document.createElement(isFilm ? 'video' : 'img');
  shown.className = 'max-h-[86dvh] max-w-[94vw] rounded-xl object-contain';
  if (isFilm) { shown.controls = true; shown.autoplay = true; } else shown.alt = from.dataset.viewAlt ?? '';
  shown.src = from.dataset.view;
  stage.replaceChildren(shown);
  box().querySelector('[data-viewer-text]').textContent = `${from.dataset.viewTitle ?? ''}${group.length > 1 ? `  ${at + 1} / ${group.length}` : ''}`;
}
const walk = (by) => { at = (at + by + group.length) % group.length; draw(); };

document.addEventListener('click', (e) => {
  const opener = e.target.closest('[data-view]');
  if (opener && box()) {
    e.preventDefault();
    const name = opener.dataset.viewGroup;
    group = name ? [...document.querySelectorAll(`[data-view-group="${CSS.escape(name)}"]`)] : [opener];
    at = group.indexOf(opener);
    draw();
    box().showModal();
  }
  if (e.target.closest('[data-viewer-next]')) walk(1);
  if (e.target.closest('[data-viewer-back]')) walk(-1);
});
document.addEventListener('keydown', (e) => {
  if (!box()?.open || group.length < 2) return;
  if (e.key === 'ArrowRight') walk(1);
  if (e.key === 'ArrowLeft') walk(-1);
});
box()?.addEventListener('close', () => box().querySelector('[data-viewer-stage]').replaceChildren());

// The Stage while somebody watches: news of a post refreshes its card, a new post asks for what is fresh. And the picture reels.
const later = new Map();
function soon(el) { // many reactions come at once: one question is enough
  if (!el || later.has(el)) return;
  later.set(el, setTimeout(() => { later.delete(el); if (el.isConnected) window.htmx.trigger(el, 'refresh'); }, 350));
}

document.addEventListener('stage', (e) => {
  if (!document.querySelector('[data-stage-feed]')) return;
  let news;
  try { news = JSON.parse(e.detail?.data ?? '{}'); } catch { return; }
  const id = CSS.escape(news.root_id ?? ''), talk = document.querySelector(`[data-stage-talk="${id}"]`);
  if (talk && !talk.querySelector('textarea')?.value) soon(talk);
  const card = document.querySelector(`[data-stage-post="${id}"]`);
  if (card) soon(card.querySelector('.stage-pulse'));
  else if (document.querySelector('[data-stage-empty]')) location.reload();
  else if (news.what === 'post' && news.post_id === news.root_id) soon(document.querySelector('#stage-fresh'));
});

const parts = (reel) => ({ track: reel.querySelector('.reel-track'), items: reel.querySelectorAll('.reel-item') });
function step(reel, by) {
  const { track, items } = parts(reel), width = items[0].offsetWidth;
  const to = Math.max(0, Math.min(items.length - 1, Math.round(track.scrollLeft / width) + by));
  track.scrollTo({ left: to * width, behavior: 'smooth' });
}
document.addEventListener('click', (e) => {
  const arrow = e.target.closest('[data-reel-back], [data-reel-next]');
  if (arrow) step(arrow.closest('[data-reel]'), arrow.hasAttribute('data-reel-next') ? 1 : -1);
});
document.addEventListener('keydown', (e) => {
  const track = e.target.closest?.('.reel-track');
  if (!track || (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return;
  e.preventDefault();
  step(track.closest('[data-reel]'), e.key === 'ArrowRight' ? 1 : -1);
});
document.addEventListener('scroll', (e) => {
  const reel = e.target.closest?.('.reel-track')?.closest('[data-reel]');
  if (!reel) return;
  const { track, items } = parts(reel), at = Math.round(track.scrollLeft / items[0].offsetWidth);
  reel.querySelectorAll('.reel-dots i').forEach((dot, i) => dot.toggleAttribute('data-on', i === at));
  const label = reel.querySelector('[data-reel-at]');
  if (label) label.textContent = `${at + 1} / ${items.length}`;
  reel.querySelector('[data-reel-back]')?.toggleAttribute('hidden', at === 0);
  reel.querySelector('[data-reel-next]')?.toggleAttribute('hidden', at === items.length - 1);
}, true);

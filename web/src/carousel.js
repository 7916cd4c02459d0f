// [data-carousel]: pictures side by side, swiped or moved with [data-carousel-go]; [data-carousel-at] says which one is seen.
const place = (strip) => Math.round(strip.scrollLeft / Math.max(1, strip.clientWidth));

document.addEventListener('click', (e) => {
  const step = e.target.closest('[data-carousel-go]'), strip = step?.closest('[data-carousel]').querySelector('[data-carousel-strip]');
  if (!strip) return;
  const count = strip.children.length, to = (place(strip) + Number(step.dataset.carouselGo) + count) % count;
  strip.scrollTo({ left: to * strip.clientWidth, behavior: 'smooth' });
});
// Scroll events do not bubble: listen in the capture phase.
document.addEventListener('scroll', (e) => {
  const strip = e.target instanceof Element && e.target.matches('[data-carousel-strip]') ? e.target : null;
  const sign = strip?.closest('[data-carousel]').querySelector('[data-carousel-at]');
  if (sign) sign.textContent = `${place(strip) + 1} / ${strip.children.length}`;
}, true);

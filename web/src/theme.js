// [data-theme-toggle] switches between day and night and remembers it; [data-scrolled] marks a page that has moved.
const root = document.documentElement;

document.addEventListener('click', (e) => {
  if (!e.target.closest('[data-theme-toggle]')) return;
  root.dataset.theme = root.dataset.theme === 'night' ? 'day' : 'night';
  localStorage.setItem('theme', root.dataset.theme);
  dispatchEvent(new Event('theme'));
});

const scrolled = () => root.toggleAttribute('data-scrolled', scrollY > 4);
addEventListener('scroll', scrolled, { passive: true });
scrolled();

// Runs before the first paint (a classic script of a few bytes), so that the wrong theme never flashes.
const kept = localStorage.getItem('theme');
document.documentElement.dataset.theme = kept || (matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'day');

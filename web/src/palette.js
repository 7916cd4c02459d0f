// Ctrl K: the places of the navigation at once, then what the server finds (GET /search?q= as JSON: {items: [{label, href, icon?, hint?}]}).
export const palette = () => ({
  words: '', at: 0, places: [], found: [], timer: 0,
  init() {
    const links = document.querySelectorAll('[data-place]');
    this.places = [...links].map((a) => ({ label: a.dataset.place, href: a.getAttribute('href'), hint: a.dataset.hint ?? 'Go to', key: `n${a.getAttribute('href')}` }));
  },
  get hits() {
    const words = this.words.trim().toLowerCase();
    return [...this.places.filter((p) => p.label.toLowerCase().includes(words)).slice(0, words ? 5 : 12), ...this.found];
  },
  get isEmpty() { return this.hits.length === 0; },
  keys(e) {
    const slash = e.key === '/' && !e.target.closest('input, textarea, select, [contenteditable]');
    if (slash || ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === 'k')) { e.preventDefault(); this.show(); }
  },
  show() { this.words = ''; this.found = []; this.at = 0; this.$refs.box.showModal(); },
  typed() {
    this.at = 0;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 160);
  },
  async ask() {
    const words = this.words.trim();
    if (words.length < 2) { this.found = []; return; }
    const answer = await fetch(`${this.$root.dataset.search}?q=${encodeURIComponent(words)}`, { headers: { accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok || words !== this.words.trim()) return;
    const json = await answer.json();
    this.found = (json.items ?? []).slice(0, 12).map((item, i) => ({ hint: '', ...item, key: `f${i}${item.href}` }));
  },
  down() { this.move(1); },
  up() { this.move(-1); },
  move(by) { const n = this.hits.length || 1; this.at = (this.at + by + n) % n; },
  go() { const hit = this.hits[this.at]; if (hit) location.assign(hit.href); },
  isAt(i) { return i === this.at ? 'true' : 'false'; },
});
document.addEventListener('click', (e) => { if (e.target.closest('[data-palette]')) dispatchEvent(new Event('palette')); });

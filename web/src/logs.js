// x-data="logview": level and word filters over live lines, following the end while "follow" is on.
const KEEP = 500;

export const logView = () => ({
  level: '', words: '', follow: true,
  init() {
    const lines = this.$refs.lines;
    new MutationObserver(() => this.trim()).observe(lines, { childList: true });
    this.$watch('level', () => this.filter());
    this.$watch('words', () => this.filter());
    this.trim();
  },
  trim() {
    const lines = this.$refs.lines;
    while (lines.children.length > KEEP) lines.firstElementChild.remove();
    this.filter();
    if (this.follow) lines.scrollTop = lines.scrollHeight;
  },
  filter() {
    const words = this.words.toLowerCase();
    for (const line of this.$refs.lines.children) {
      line.hidden = Boolean((this.level && line.dataset.level !== this.level) || (words && !line.textContent.toLowerCase().includes(words)));
    }
  },
});

// <time data-ago datetime="..."> stays true while the page is open.
const units = [[3600, 60, 'min'], [86400, 3600, 'h'], [2592000, 86400, 'd'], [31536000, 2592000, 'mo'], [Infinity, 31536000, 'y']];

export function ago(instant, now = Date.now()) {
  const seconds = (now - instant) / 1000, size = Math.abs(seconds);
  if (size < 45) return 'just now';
  const [, unit, name] = units.find(([limit]) => size < limit);
  const text = `${Math.max(1, Math.round(size / unit))} ${name}`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}
setInterval(() => {
  for (const el of document.querySelectorAll('time[data-ago]')) {
    const text = ago(Date.parse(el.dateTime));
    if (el.textContent !== text) el.textContent = text;
  }
}, 20000);

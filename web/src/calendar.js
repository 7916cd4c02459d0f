// [data-calendar]: events from data-events (JSON, ?start=&end=), a drag PUTs {start} to the event's `url_move`, drafts come in from
// [data-drafts] [data-draft] with a POST {start} to data-draft. An event: {id, title, start, tone?, url?, url_move?, editable?}.
import { Calendar } from 'fullcalendar';
import dayGrid from 'fullcalendar/daygrid';
import interaction, { Draggable } from 'fullcalendar/interaction';
import list from 'fullcalendar/list';
import breezy from 'fullcalendar/themes/breezy';
import timeGrid from 'fullcalendar/timegrid';
import './calendar.css';
import { send } from './http.js';
import { toast } from './toasts.js';

const small = matchMedia('(max-width: 640px)').matches;
const colours = { neutral: '--color-neutral', primary: '--chart-1', info: '--chart-5', success: '--chart-6', warning: '--chart-4', error: '--color-error', iris: '--chart-3' };
const instant = (date) => date.toISOString();
const say = (date) => date.toLocaleString([], { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

// A chip: the picture, the hour, the words, and a dot for each channel. Built as nodes: texts are never read as HTML.
function chip({ event, timeText, view }) {
  const more = event.extendedProps, box = document.createElement('div'), words = document.createElement('span');
  box.className = `cal-chip${more.planned ? ' cal-chip-planned' : ''}`;
  box.title = [event.title, more.who, more.state, more.place, more.local].filter(Boolean).join('\n');
  if (more.image) {
    const face = document.createElement('img');
    face.src = more.image;
    face.alt = '';
    face.loading = 'lazy';
    box.append(face);
  }
  words.className = 'cal-words';
  const hour = document.createElement('b');
  hour.textContent = timeText || event.start.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
  words.append(hour, ` ${event.title}`);
  if (view.type.startsWith('list') && more.who) {
    const who = document.createElement('small');
    who.textContent = [more.who, more.state, more.place].filter(Boolean).join(' · ');
    words.append(' ', who);
  }
  box.append(words);
  const dots = document.createElement('span');
  dots.className = 'cal-dots';
  for (const tint of more.tints ?? []) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    svg.setAttribute('viewBox', '0 0 8 8');
    for (const [name, value] of [['cx', 4], ['cy', 4], ['r', 4], ['fill', `var(${tint})`]]) dot.setAttribute(name, value);
    svg.append(dot);
    dots.append(svg);
  }
  box.append(dots);
  return { domNodes: [box] };
}

async function moved({ event, oldEvent, revert }) {
  const url = event.extendedProps.url_move;
  try {
    if (!url) throw new Error('This one cannot be moved any more.');
    await send('PUT', url, { start: instant(event.start) });
    toast(`Moved to ${say(event.start)}`, 'success', () => send('PUT', url, { start: instant(oldEvent.start) }).then(revert, (e) => toast(e.message, 'error')));
  } catch (error) { revert(); toast(error.message, 'error'); }
}

async function dropped({ event, draggedEl, revert }) {
  const at = new Date(event.start);
  if (event.allDay) at.setHours(18, 0, 0, 0); // a day of the month view has no hour
  try {
    await send('POST', draggedEl.dataset.draft, { start: instant(at) });
    event.remove();
    draggedEl.remove();
    calendar.refetchEvents();
    toast(`Scheduled for ${say(at)}`, 'success');
  } catch (error) { revert(); toast(error.message, 'error'); }
}

const host = document.querySelector('[data-calendar]');
const calendar = new Calendar(host, {
  plugins: [dayGrid, timeGrid, list, interaction, breezy],
  views: { listSoon: { type: 'list', duration: { days: 14 } } },
  initialView: small ? 'listSoon' : host.dataset.view || 'dayGridMonth',
  timeZone: 'local', height: small ? 'auto' : host.dataset.height || 760, firstDay: Number(host.dataset.firstDay ?? 1),
  editable: host.dataset.editable !== 'false', droppable: true, nowIndicator: true, dayMaxEvents: 4, longPressDelay: 350,
  headerToolbar: small ? { start: 'title', center: '', end: 'prev,next' } : { start: 'title', center: '', end: 'today prev,next dayGridMonth,timeGridWeek,listWeek' },
  eventDisplay: 'block', todayHint: 'Today', displayEventEnd: false, scrollTime: '08:00:00', defaultTimedEventDuration: '00:45',
  eventTimeFormat: { hour: '2-digit', minute: '2-digit', hour12: false }, slotHeaderFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
  events: {
    url: host.dataset.events,
    failure: () => toast('The calendar could not be loaded. Reload the page.', 'error'),
  },
  eventDataTransform: (event) => ({ ...event, color: `var(${colours[event.tone] ?? '--chart-1'})` }),
  eventContent: chip,
  // The link lies over the words in some views, so it gets them as its name: as they are seen, the hour first.
  eventDidMount: ({ el, event }) => (el.matches('a') ? el : el.querySelector('a'))?.setAttribute('aria-label', el.querySelector('.cal-words')?.textContent || event.title),
  // A day is named by its content, as all cells of a grid; its date stands there for those who do not see the number.
  dayCellDidMount: ({ el }) => {
    if (!el.ariaLabel) return;
    const date = document.createElement('span');
    date.className = 'sr-only';
    date.textContent = el.ariaLabel;
    el.removeAttribute('aria-label');
    el.prepend(date);
  },
  eventDrop: moved, eventReceive: dropped,
  loading: (on) => host.classList.toggle('opacity-60', on),
});
calendar.render();
window.calendar = calendar;
document.addEventListener('calendar-refresh', () => calendar.refetchEvents());
let late = 0;
document.body.addEventListener('posts', () => { clearTimeout(late); late = setTimeout(() => calendar.refetchEvents(), 900); });
const drafts = document.querySelector('[data-drafts]');
if (drafts) new Draggable(drafts, { itemSelector: '[data-draft]', longPressDelay: 350, eventData: (el) => ({ title: el.dataset.title, create: true }) });

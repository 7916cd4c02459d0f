// Entry of every page: htmx with server-sent events, Alpine (CSP build), and the small behaviours beside this file.
import htmx from 'htmx.org';
import 'htmx.org/dist/ext/hx-sse.js';
import 'htmx.org/dist/ext/hx-alpine-compat.js';
import Alpine from '@alpinejs/csp';
import './theme.js';
import './dialogs.js';
import './times.js';
import './drop.js';
import './tags.js';
import './counter.js';
import './review.js';
import './viewer.js';
import './carousel.js';
import './select.js';
import './library.js';
import './studio.js';
import './forge.js';
import './operations.js';
import './stage.js';
import './talk.js';
import { csrf } from './http.js';
import { logView } from './logs.js';
import { palette } from './palette.js';
import { toast, toasts } from './toasts.js';

// 422 is a form with its mistakes and is swapped in; every other refusal arrives as a toast in its header.
htmx.config.noSwap = [204, 304, 400, 401, 403, 404, 405, 409, 413, 429, '5xx'];
htmx.config.defaultTimeout = 600000; // uploads take their time
htmx.config.includeIndicatorCSS = false;
htmx.config.sse = { reconnectMaxDelay: 5000 };
window.htmx = htmx;
window.Alpine = Alpine;

document.addEventListener('htmx:config:request', (e) => { e.detail.ctx.request.headers['X-CSRF'] = csrf(); });
document.addEventListener('htmx:response:error', (e) => {
  const response = e.detail.ctx?.response;
  if (response?.status !== 422 && !response?.headers?.get('HX-Trigger')) toast(`The server answered with an error${response ? ` (${response.status})` : ''}. Try again.`, 'error');
});
document.addEventListener('htmx:error', (e) => { if (!e.detail?.ctx?.response) document.documentElement.toggleAttribute('data-offline', true); });
const online = (yes) => document.documentElement.toggleAttribute('data-offline', !yes);
document.addEventListener('htmx:sse:after:connection', () => online(true));
document.addEventListener('htmx:sse:error', () => online(false));
document.addEventListener('htmx:after:request', (e) => { if (e.detail.ctx?.response) online(true); });
addEventListener('offline', () => online(false));
addEventListener('online', () => online(true));

Alpine.data('toasts', toasts);
Alpine.data('palette', palette);
Alpine.data('logview', logView);
Alpine.start();

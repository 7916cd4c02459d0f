// Speaks to the server: words for people from its refusals, whole numbers beyond 2^53 as they were, a fresh token after a new sign-in.
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly field = '') { super(message); }
}
const csrf = () => document.querySelector<HTMLMetaElement>('meta[name=csrf]');

/** JSON whose large whole numbers go back out as they came in, where the browser can. */
export function read(text: string): any {
  const raw = (JSON as any).rawJSON;
  if (!raw) return JSON.parse(text);
  return JSON.parse(text, ((_: string, value: any, context?: { source: string }) => (typeof value === 'number' && context && /\d{16}|[.eE]|^-0$/.test(context.source) && String(value) !== context.source ? raw(context.source) : value)) as any);
}

export async function ask(method: string, url: string, body?: unknown, more: RequestInit = {}): Promise<any> {
  const headers: Record<string, string> = { accept: 'application/json', 'x-csrf': csrf()?.content ?? '' };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : isForm ? (body as FormData) : JSON.stringify(body), ...more });
  const text = await answer.text();
  if (answer.ok) return text ? read(text) : {};
  let told: any = {};
  try { told = JSON.parse(text); } catch { /* a proxy's page */ }
  throw new Refused(answer.status, told.code ?? '', [told.detail, told.next_step].filter(Boolean).join(' ') || `The server answered ${answer.status}.`, told.field ?? '');
}

/** Whether this person is signed in (again); takes over the token of the new session. */
export async function signedIn(page: string): Promise<boolean> {
  const answer = await fetch(page, { headers: { accept: 'text/html' } });
  if (!answer.ok || new URL(answer.url).pathname !== page) return false;
  const token = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector<HTMLMetaElement>('meta[name=csrf]');
  if (token && csrf()) csrf()!.content = token.content;
  return Boolean(token);
}

// One way to send JSON: with the CSRF token, and with the server's own words when it refuses.
export const csrf = () => document.querySelector('meta[name=csrf]')?.content ?? '';

export async function send(method, url, body) {
  const options = { method, headers: { accept: 'application/json', 'x-csrf': csrf() } };
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(url, options);
  const json = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([json.detail, json.next_step].filter(Boolean).join(' ') || `Not saved (${answer.status}).`);
  return json;
}

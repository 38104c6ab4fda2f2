// Receives webhooks, verifies them, and prints a line for each event.
//
//     WEBHOOK_SECRET=whsec_... node receiver.mjs 9000
//
// It needs nothing but Node. While a secret is rotated, WEBHOOK_SECRET may hold both of them, with
// a space between.

import {createHmac, timingSafeEqual} from 'node:crypto';
import {createServer} from 'node:http';

// What is older, or from further ahead, may be a recording that somebody plays again.
const TOLERANCE = 5 * 60;
const LARGEST_BODY = 1024 * 1024;
// So many events are remembered, so that one that is sent twice counts once. A receiver that must
// not forget over a restart keeps this in its database, in the transaction that uses the event.
const REMEMBERED = 100_000;

const seen = new Set();

/** The keys in a text such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`. */
function readSecrets(text) {
  const secrets = text.split(/\s+/).filter(Boolean);
  return secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
}

/** Whether two texts are the same, in a time that does not tell how much of one was right. */
function areEqual(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whether the request was signed with one of the secrets, and lately. */
function isGenuine(secrets, headers, body) {
  const id = headers['svix-id'] ?? '';
  const timestamp = headers['svix-timestamp'] ?? '';
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || age > TOLERANCE) return false;
  const signatures = (headers['svix-signature'] ?? '').split(' ');
  return secrets.some((secret) => {
    // The bytes as they came: JSON that was read and written again has another signature.
    const signed = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body);
    const expected = `v1,${signed.digest('base64')}`;
    return signatures.some((signature) => areEqual(expected, signature));
  });
}

/** Does with an event what it is for, once: here, it is printed. */
function use(id, event) {
  if (seen.has(id)) return;
  console.log(event.timestamp, event.type, event.data.end_user_id);
  seen.add(id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
}

/** The body of a request, as bytes; nothing if it is too large. */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The status to answer a request with. */
async function receive(secrets, request) {
  if (request.method !== 'POST') return 405;
  const body = await readBody(request);
  if (!body) return 413;
  if (!isGenuine(secrets, request.headers, body)) return 400;
  // The sender waits 15 seconds and then sends it again: what takes longer is put into a queue of
  // one's own here, and done elsewhere.
  use(request.headers['svix-id'], JSON.parse(body));
  return 204;
}

const secrets = readSecrets(process.env.WEBHOOK_SECRET ?? '');
if (secrets.length === 0) {
  console.error('set WEBHOOK_SECRET to what `roster webhook secret` prints');
  process.exit(1);
}
const port = Number(process.argv[2] ?? 9000);
const server = createServer(async (request, response) => {
  try {
    response.writeHead(await receive(secrets, request)).end();
  } catch (error) {
    // Whoever sent it will send it again.
    console.error(error.message);
    response.writeHead(500).end();
  }
});
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/`));

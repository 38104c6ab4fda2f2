// The vendor's library looks at deliveries that somebody else received: each is genuine, by either
// set of header names, and is not with another secret or another body.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Webhook} from 'svix';

const deliveries = JSON.parse(readFileSync(process.argv[2], 'utf8'));

for (const {secret, other, headers, body: encoded} of deliveries) {
  const body = Buffer.from(encoded, 'base64').toString();
  for (const prefix of ['svix-', 'webhook-']) {
    const names = Object.keys(headers).filter((name) => name.startsWith(prefix));
    assert.equal(names.length, 3);
    const given = Object.fromEntries(names.map((name) => [name, headers[name]]));
    assert.deepEqual(new Webhook(secret).verify(body, given), JSON.parse(body));
    assert.throws(() => new Webhook(other).verify(body, given), /No matching signature/);
    assert.throws(() => new Webhook(secret).verify(`${body} `, given), /No matching signature/);
  }
}
console.log(`${deliveries.length} deliveries are genuine`);

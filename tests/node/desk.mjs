// The desk that a script runs against: pytest wrote what is in it into the file that is named last.

import {readFileSync} from 'node:fs';
import process from 'node:process';
import zendesk from 'node-zendesk';

export const desk = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** A client with an API token, as the library's documentation shows. */
export function connect(settings = {}) {
  return zendesk.createClient({
    endpointUri: desk.api,
    username: desk.owner.email,
    token: desk.token,
    ...settings,
  });
}

/** A client whose access token is used as OAuth. */
export function connectWithOAuth(settings = {}) {
  return zendesk.createClient({endpointUri: desk.api, token: desk.token, oauth: true, ...settings});
}

/** The users of the desk with one of these roles. */
export function withRole(...roles) {
  return desk.users.filter((user) => roles.includes(user.role));
}

export const ids = (objects) => objects.map((object) => object.id);

/** The addresses that a resource of a client asks from now on. */
export function requestsOf(resource) {
  const asked = [];
  resource.on('debug::request', ({detail}) => asked.push(detail.uri));
  return asked;
}

// A promise that nobody waits for would otherwise be passed over.
process.on('unhandledRejection', (error) => {
  throw error;
});

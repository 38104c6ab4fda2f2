// node-zendesk reads a desk with many people.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {connect, connectWithOAuth, desk, ids, requestsOf, withRole} from './desk.mjs';

test('the whole list, with an API token and with OAuth', async () => {
  for (const client of [connect(), connectWithOAuth()]) {
    const asked = requestsOf(client.users);
    assert.deepEqual(await client.users.list(), desk.users);
    assert.ok(asked[0].includes('page%5Bsize%5D=100'), asked[0]);
    // The last page has a link, too, and the page after it is empty.
    assert.equal(asked.length, Math.ceil(desk.users.length / 100) + 1);
  }
});

test('the whole list by offset', async () => {
  const {users} = connect();
  const asked = requestsOf(users);
  // The library adds `page[size]` itself; an empty value counts as none.
  const found = await users.getAll(['users', {'page[size]': '', per_page: 50}]);
  assert.deepEqual(found, desk.users);
  assert.ok(asked.length > 1);
});

test('a list with a filter', async () => {
  const client = connect();
  assert.deepEqual(ids(await client.users.listWithFilter('role', 'agent')), ids(withRole('agent')));
  const team = await client.users.listWithFilter('role[]', 'admin');
  assert.deepEqual(ids(team), ids(withRole('admin')));
  const customer = withRole('end-user')[3];
  const [found, ...others] = await client.users.listWithFilter(
    'external_id',
    customer.external_id.toUpperCase(),
  );
  assert.deepEqual(others, []);
  assert.deepEqual(found, customer);
  // The library writes two roles as one name with a comma, which no role has.
  assert.deepEqual(await client.users.listWithFilter('role', ['agent', 'admin']), []);
});

test('what comes along', async () => {
  const client = connect();
  client.users.setSideLoad(['organizations', 'identities', 'groups', 'roles']);
  const users = await client.users.list();
  assert.deepEqual(ids(users), desk.ids);
  const found = new Map(users.map((user) => [user.id, user]));

  for (const {id, email, organization_id} of withRole('end-user')) {
    const {organization, identity, role} = found.get(id);
    assert.equal(organization.id, organization_id);
    assert.ok(desk.organizations.includes(organization.name), organization.name);
    const [{type, value, primary}, ...others] = identity;
    assert.deepEqual([type, value, primary, others], ['email', email, true, []]);
    assert.equal(role, null);
  }

  for (const {id, default_group_id} of withRole('agent')) {
    // The library gives everybody all the groups that came along with the page.
    const {group, role} = found.get(id);
    assert.ok(ids(group).includes(default_group_id));
    assert.equal(role.name, desk.roles[0].name);
  }
});

test('a list by permission set', async () => {
  const found = await connect().users.listWithFilter('permission_set', desk.roles[0].id);
  assert.deepEqual(ids(found), ids(withRole('agent')));
});

test('some of them', async () => {
  const client = connect();
  const [first, second] = withRole('end-user').slice(10);
  const {response, result} = await client.users.show(first.id);
  assert.equal(response.status, 200);
  assert.deepEqual(result, first);
  const many = await client.users.showMany([first.id, second.id]);
  assert.deepEqual(many.result, [first, second]);
});

test('me', async () => {
  for (const client of [connect(), connectWithOAuth()]) {
    const {result} = await client.users.me();
    assert.equal(result.id, desk.owner.id);
    assert.equal(typeof result.authenticity_token, 'string');
  }
});

test('on behalf of another', async () => {
  const [agent] = withRole('agent');
  for (const client of [
    connect({asUser: agent.email}),
    connectWithOAuth({asUser: agent.email}),
    connectWithOAuth({customHeaders: {'X-On-Behalf-Of': String(agent.id)}}),
  ]) {
    assert.equal((await client.users.me()).result.id, agent.id);
    assert.deepEqual(ids(await client.users.list()), desk.ids);
  }
  const customer = connect({asUser: withRole('end-user')[0].email});
  await assert.rejects(customer.users.list(), /Zendesk Error \(403\): Forbidden/);
});

test('a search', async () => {
  const client = connect();
  const customer = withRole('end-user')[20];
  assert.deepEqual(await client.users.search({query: customer.email}), [customer]);
  assert.deepEqual(await client.users.search({external_id: customer.external_id}), [customer]);
  const everybody = await client.users.search({query: 'role:end-user'});
  const sorted = ids(everybody).sort((one, other) => one - other);
  assert.deepEqual(sorted, ids(withRole('end-user')));
});

test('an export', async () => {
  const users = await connect().users.incremental(0);
  const left = users.filter(({active}) => !active);
  assert.deepEqual(new Set(ids(users)), new Set([...desk.ids, ...desk.deleted_ids]));
  assert.deepEqual(new Set(ids(left)), new Set(desk.deleted_ids));
});

test('errors', async () => {
  const client = connect();
  await assert.rejects(client.users.show(1), /Zendesk Error \(404\): Item not found/);
  await assert.rejects(client.users.show('nobody'), /400.*Invalid attribute: You passed/);
  const stranger = connect({token: `roster_${'0'.repeat(48)}`});
  await assert.rejects(stranger.users.list(), /Zendesk Error \(401\): Not Authorized/);
});

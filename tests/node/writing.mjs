// node-zendesk writes to a desk in which there is only the owner.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {connect, desk, ids} from './desk.mjs';

const client = connect();

/** Waits for a job. */
async function finished({result}) {
  return client.jobstatuses.watch(result.job_status.id, 20, 5);
}

const customers = () => client.users.listWithFilter('role', 'end-user');

test('a life', async () => {
  const {response, result: ada} = await client.users.create({
    user: {name: 'Ada', email: 'ada@engines.example', tags: ['vip'], user_fields: {engine: 1}},
  });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('location'), `${desk.api}/users/${ada.id}.json`);
  assert.deepEqual((await client.users.show(ada.id)).result, ada);

  const {result: changed} = await client.users.update(ada.id, {user: {name: 'Countess'}});
  assert.deepEqual(changed, {...ada, name: 'Countess', updated_at: changed.updated_at});
  assert.equal((await client.users.suspend(ada.id)).result.suspended, true);
  assert.equal((await client.users.unsuspend(ada.id)).result.suspended, false);

  const same = {name: 'Ada', email: 'ADA@engines.example'};
  const again = await client.users.createOrUpdate({user: same});
  assert.deepEqual([again.response.status, again.result.id], [200, ada.id]);

  const deleted = await client.users.delete(ada.id);
  assert.deepEqual([deleted.response.status, deleted.result.active], [200, false]);
  await assert.rejects(client.users.show(ada.id), /404/);
  assert.deepEqual(ids(await client.users.list()), [desk.owner.id]);
});

test('what is refused', async () => {
  const user = {name: 'Grace', email: 'grace@navy.example'};
  const {result: grace} = await client.users.create({user});
  await assert.rejects(client.users.create({user}), /Zendesk Error \(422\): Unprocessable Entity/);
  await assert.rejects(client.users.create({user: {email: 'a@b.example'}}), /422/);
  await client.users.delete(grace.id);
});

test('many at once', async () => {
  const users = Array.from({length: 40}, (_, number) => ({
    name: `Person ${number}`,
    external_id: `p${number}`,
  }));
  const made = await finished(await client.users.createMany({users}));
  assert.deepEqual([made.status, made.total, made.results.length], ['completed', 40, 40]);
  const found = await customers();
  assert.deepEqual(
    found.map((user) => user.external_id),
    users.map((user) => user.external_id),
  );

  // Without a third argument the library passes on the wrong one.
  const some = ids(found).slice(0, 3);
  await finished(await client.users.updateMany(some, {user: {notes: 'changed'}}, undefined));
  const both = {users: [{name: 'Person 3', external_id: 'P3', notes: 'changed'}, {name: 'New'}]};
  await finished(await client.users.createOrUpdateMany(both));
  const now = await customers();
  assert.equal(now.length, 41);
  assert.deepEqual(ids(now.filter(({notes}) => notes === 'changed')), ids(found).slice(0, 4));

  const gone = await finished(await client.users.destroyMany(ids(now), undefined, undefined));
  assert.equal(gone.status, 'completed');
  assert.deepEqual(await customers(), []);
});

test('two become one', async () => {
  const {result: source} = await client.users.create({user: {name: 'A', email: 'a@merge.example'}});
  const {result: target} = await client.users.create({user: {name: 'B', email: 'b@merge.example'}});
  const {result: merged} = await client.users.merge(source.id, target.id);
  assert.equal(merged.id, target.id);
  const identities = await client.useridentities.list(target.id);
  const values = identities.map(({value}) => value).sort();
  assert.deepEqual(values, ['a@merge.example', 'b@merge.example']);
  await client.users.delete(target.id);
});

test('identities', async () => {
  const {result: user} = await client.users.create({user: {name: 'I', email: 'one@id.example'}});
  const {response, result: second} = await client.useridentities.create(user.id, {
    type: 'email',
    value: 'two@id.example',
  });
  assert.equal(response.status, 201);
  const {result: verified} = await client.useridentities.verify(user.id, second.id);
  assert.equal(verified.verified, true);
  const {result: all} = await client.useridentities.makePrimary(user.id, second.id);
  assert.deepEqual(
    new Map(all.map(({value, primary}) => [value, primary])),
    new Map([['one@id.example', false], ['two@id.example', true]]),
  );
  assert.equal((await client.users.show(user.id)).result.email, 'two@id.example');
  const first = all.find(({primary}) => !primary);
  await client.useridentities.requestVerification(user.id, first.id);
  await client.useridentities.update(user.id, first.id, {identity: {value: 'three@id.example'}});
  const {result: shown} = await client.useridentities.show(user.id, first.id);
  assert.equal(shown.value, 'three@id.example');
  const removed = await client.useridentities.delete(user.id, first.id);
  assert.equal(removed.response.status, 204);
  assert.deepEqual(ids(await client.useridentities.list(user.id)), [second.id]);
  await client.users.delete(user.id);
});

test('groups, roles and organizations', async () => {
  const {result: agent} = await client.users.create({
    user: {name: 'Agent', email: 'agent@desk.example', role: 'agent'},
  });
  const {result: group} = await client.groups.create({group: {name: 'First line'}});
  const {result: membership} = await client.groupmemberships.create({
    group_membership: {user_id: agent.id, group_id: group.id},
  });
  assert.deepEqual([membership.user_id, membership.group_id], [agent.id, group.id]);
  assert.deepEqual(ids(await client.users.listByGroup(group.id)), [agent.id]);
  assert.deepEqual(ids(await client.groups.list()), [group.id]);
  assert.equal((await client.users.show(agent.id)).result.default_group_id, group.id);

  const {result: organization} = await client.organizations.create({
    organization: {name: 'Analytical Engines'},
  });
  const user = {name: 'Ada', organization_id: organization.id};
  const {result: ada} = await client.users.create({user});
  assert.deepEqual(ids(await client.users.listByOrganization(organization.id)), [ada.id]);

  const {result} = await client.customagentroles.create({name: 'Night shift'});
  await client.users.update(agent.id, {user: {custom_role_id: result.custom_role.id}});
  client.users.setSideLoad(['roles']);
  const [found] = await client.users.listWithFilter('permission_set', result.custom_role.id);
  assert.deepEqual([found.id, found.role.name], [agent.id, 'Night shift']);
});

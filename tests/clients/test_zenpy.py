"""zenpy, the Python client that most programs use: unmodified, through its own two settings for
another host."""

import time
from datetime import datetime, timezone

import pytest
from zenpy import Zenpy
from zenpy.lib.api_objects import Group, GroupMembership, Identity, Organization, User
from zenpy.lib.exception import APIException, RecordNotFoundException, TooManyValuesException

from desk import ADMINS, AGENTS, DELETED, GROUPS, ORGANIZATIONS, OWNER, bounded, moment
from program import wait_until


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, desk_server):
    """Sends zenpy to the running server instead of the vendor."""
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", f"127.0.0.1:{desk_server.port}")
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def connect(desk, **settings):
    """zenpy with an API token, as its documentation shows."""
    zenpy = Zenpy(subdomain="desk", **{"email": OWNER, "token": desk.token} | settings)
    bounded(zenpy.users.session)
    return zenpy


@pytest.fixture
def zenpy(desk):
    """zenpy at the desk with many people."""
    return connect(desk)


@pytest.fixture
def own(new_desk):
    """zenpy at a desk of the test's own."""
    return connect(new_desk)


def ids(objects):
    return [found.id for found in objects]


def as_answered(user, written):
    """What zenpy has of each field that the server sent; it adds some that were never sent."""
    found = user.to_dict()
    return {key: found[key] for key in written}


def finished(zenpy, job):
    """The job once it is done."""
    states = []

    def is_done():
        states.append(zenpy.job_status(id=job.id))
        return states[-1].status in ("completed", "failed")

    wait_until(is_done, "the job")
    return states[-1]


def requests_of(zenpy):
    """The addresses that zenpy asks from now on."""
    asked = []
    zenpy.users.session.hooks["response"].append(
        lambda response, **_: asked.append(response.request.url)
    )
    return asked


@pytest.mark.parametrize("pages", [True, 7, 100, False], ids=str)
def test_the_whole_list(zenpy, desk, pages):
    """By cursor in pages of 100 and of 7, and by offset, everybody comes once, in order."""
    found = list(zenpy.users(cursor_pagination=pages))
    assert ids(found) == desk.ids
    assert list(map(as_answered, found, desk.users)) == desk.users


def test_a_slice_of_the_list(zenpy, desk):
    users = zenpy.users(cursor_pagination=False)
    assert len(users) == len(desk.users)
    assert ids(users[20:90]) == desk.ids[20:90]
    assert ids(zenpy.users(cursor_pagination=False)[100:220]) == desk.ids[100:220]


@pytest.mark.parametrize("pages", [True, False], ids=["cursor", "offset"])
@pytest.mark.parametrize("roles", [["end-user"], ["agent", "admin"], ["end-user", "agent"]])
def test_a_list_by_role(zenpy, desk, roles, pages):
    """Of several pages each has the link to the next with every role in it."""
    expected = [user["id"] for user in desk.with_role(*roles)]
    role = roles if len(roles) > 1 else roles[0]
    assert ids(zenpy.users(role=role, cursor_pagination=pages)) == expected
    assert len(desk.with_role("agent", "admin")) == AGENTS + ADMINS + 1


def test_a_list_by_permission_set(zenpy, desk):
    agents = [user["id"] for user in desk.with_role("agent")]
    assert ids(zenpy.users(permission_set=desk.roles[0]["id"])) == agents


@pytest.mark.parametrize("pages", [True, False], ids=["cursor", "offset"])
def test_what_comes_along_is_not_asked_for_again(zenpy, desk, pages):
    """zenpy keeps what came along with the users, page by page, and finds it there."""
    asked = requests_of(zenpy)
    kinds = ["organizations", "groups", "identities", "roles"]
    users = list(zenpy.users(include=kinds, cursor_pagination=pages))
    assert ids(users) == desk.ids
    count = len(asked)
    assert count == 3
    assert all("include=" in url for url in asked), asked
    organizations = {user.organization.name for user in users if user.organization_id}
    assert organizations == set(ORGANIZATIONS)
    groups = {user.default_group_id for user in users if user.default_group_id}
    assert {zenpy.groups(id=group).name for group in groups} == set(GROUPS)
    assert len(asked) == count


@pytest.mark.parametrize("way", ["api token", "oauth token"])
def test_me(desk, way):
    if way == "oauth token":
        zenpy = Zenpy(subdomain="desk", oauth_token=desk.token)
    else:
        zenpy = connect(desk)
    me = zenpy.users.me()
    assert (me.id, me.email, me.role) == (desk.owner["id"], OWNER, "admin")


def test_me_is_whom_the_address_names(desk):
    agent = desk.with_role("agent")[0]
    assert connect(desk, email=agent["email"]).users.me().id == agent["id"]


def test_without_credentials(desk):
    zenpy = Zenpy(subdomain="desk", anonymous=True)
    me = zenpy.users.me()
    assert (me.id, me.name) == (None, "Anonymous user")
    with pytest.raises(APIException) as refused:
        list(zenpy.users())
    assert refused.value.response.status_code == 401


def test_a_wrong_token(desk):
    with pytest.raises(APIException) as refused:
        list(connect(desk, token="roster_" + "0" * 48).users())
    assert refused.value.response.status_code == 401
    assert refused.value.response.json() == {"error": "Couldn't authenticate you"}


def test_some_by_number_and_by_external_id(zenpy, desk):
    some = desk.with_role("end-user")[5:15]
    assert ids(zenpy.users(ids=[user["id"] for user in some])) == [user["id"] for user in some]
    # The directory takes an external id in any case.
    external_ids = [user["external_id"].upper() for user in some]
    found = connect(desk).users(external_ids=external_ids)
    assert sorted(ids(found)) == [user["id"] for user in some]
    assert as_answered(connect(desk).users(id=some[0]["id"]), some[0]) == some[0]


def test_a_search(zenpy, desk):
    customer = desk.with_role("end-user")[17]
    for query in [customer["email"], f'external_id:"{customer["external_id"]}"']:
        assert ids(zenpy.users.search(query=query)) == [customer["id"]], query
    assert ids(zenpy.users.search(external_id=customer["external_id"])) == [customer["id"]]
    agents = [user["id"] for user in desk.with_role("agent")]
    assert sorted(ids(zenpy.users.search(query="role:agent"))) == agents
    tenth = [user["id"] for user in desk.users if "tenth_3" in user["tags"]]
    assert sorted(ids(zenpy.users.search(query="tags:tenth_3"))) == tenth
    everybody = sorted(ids(zenpy.users.search(query="role:end-user")))
    assert everybody == [user["id"] for user in desk.with_role("end-user")]
    for leaver in desk.deleted:
        assert ids(zenpy.users.search(query=leaver["name"])) == []


def test_the_deleted_ones(zenpy, desk):
    assert len(desk.deleted) == DELETED
    found = list(zenpy.users.deleted())
    assert ids(found) == desk.deleted_ids
    assert {user.active for user in found} == {False}
    with pytest.raises(RecordNotFoundException):
        connect(desk).users(id=desk.deleted_ids[0])


@pytest.mark.parametrize("by_time", [True, False], ids=["by time", "by cursor"])
def test_a_first_export(zenpy, desk, by_time):
    """Everybody comes, also those who were deleted, and is told from the others."""
    users = list(zenpy.users.incremental(start_time=0, paginate_by_time=by_time))
    assert len(users) == len(set(ids(users)))
    assert sorted(ids(users)) == sorted(desk.ids + desk.deleted_ids)
    assert sorted(user.id for user in users if not user.active) == desk.deleted_ids
    updated = [user.updated_at for user in users]
    assert updated == sorted(updated)


def test_an_export_by_cursor_in_pages(zenpy, desk):
    asked = requests_of(zenpy)
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    users = zenpy.users.incremental(start_time=start, per_page=40)
    assert sorted(ids(users)) == sorted(desk.ids + desk.deleted_ids)
    assert len(asked) >= (len(desk.ids) + DELETED) / 40


def test_an_export_goes_on_where_it_ended(own, new_desk):
    for number in range(5):
        own.users.create(User(name=f"Person {number}"))
    first = own.users.incremental(start_time=1)
    everybody = list(first)
    assert len(everybody) == 6
    cursor = first.after_cursor
    assert list(own.users.incremental(cursor=cursor)) == []

    changed, left = everybody[2], everybody[4]
    changed.name = "Another"
    own.users.update(changed)
    own.users.delete(left)
    new = own.users.create(User(name="New"))
    found = own.users.incremental(cursor=cursor)
    assert [(user.id, user.name, user.active) for user in found] == [
        (changed.id, "Another", True),
        (left.id, left.name, False),
        (new.id, "New", True),
    ]


def test_an_export_of_the_last_minute(zenpy):
    with pytest.raises(APIException) as refused:
        zenpy.users.incremental(start_time=int(time.time()))
    assert refused.value.response.status_code == 400


def test_a_life(own, new_desk):
    """Made, read, changed, deleted, and gone for good."""
    user = own.users.create(
        User(
            name="Ada Lovelace",
            email="ada@engines.example",
            external_id="Ada-1",
            tags=["vip", "mathematics"],
            user_fields={"engine": 1},
            phone="+441234567890",
            notes="first of all",
        )
    )
    assert (user.role, user.active, user.verified) == ("end-user", True, False)
    assert connect(new_desk).users(id=user.id).to_dict() == user.to_dict()

    user.name = "Countess Lovelace"
    user.tags = ["vip"]
    user.user_fields = {"notes": 7}
    changed = own.users.update(user)
    assert (changed.name, changed.tags) == ("Countess Lovelace", ["vip"])
    assert changed.user_fields == {"engine": 1, "notes": 7}
    assert moment(changed.updated_at) >= moment(user.created_at)

    deleted = own.users.delete(user)
    assert (deleted.id, deleted.active) == (user.id, False)
    assert ids(connect(new_desk).users()) == new_desk.ids
    assert ids(own.users.deleted()) == [user.id]
    gone = own.users.permanently_delete(user)
    assert (gone.id, gone.active) == (user.id, False)
    [left] = own.users.deleted()
    assert (left.name, left.email, left.phone) == ("Permanently Deleted User", None, None)
    # What the deleted one had claimed is free again.
    again = own.users.create(User(name="Ada", email="ada@engines.example", external_id="ada-1"))
    assert again.id != user.id


def test_made_or_changed(own):
    first = own.users.create_or_update(User(name="Ada", email="ada@engines.example"))
    again = own.users.create_or_update(User(name="Lovelace", email="ADA@engines.example"))
    assert (again.id, again.name) == (first.id, "Lovelace")
    other = own.users.create_or_update(User(name="Grace", external_id="g1"))
    assert other.id != first.id
    assert own.users.create_or_update(User(name="Hopper", external_id="G1")).id == other.id


def test_many_at_once(own, new_desk):
    """Jobs: made, changed, made or changed, and deleted, a hundred at a time."""
    people = [
        User(name=f"Person {number}", external_id=f"p{number}", email=f"p{number}@people.example")
        for number in range(100)
    ]
    job = finished(own, own.users.create(people))
    assert (job.status, job.total) == ("completed", 100)
    assert {result.status for result in job.results} == {"Created"}
    made = list(own.users(role="end-user"))
    assert ids(made) == sorted(result.id for result in job.results)
    assert [user.external_id for user in made] == [user.external_id for user in people]

    for user in made[:3]:
        user.notes = "changed"
    job = finished(own, own.users.update(made[:3]))
    assert [(result.action, result.status) for result in job.results] == [("update", "Updated")] * 3
    both = [User(name="P", external_id="P3", notes="changed"), User(name="New", external_id="n")]
    job = finished(own, own.users.create_or_update(both))
    assert [result.status for result in job.results] == ["Updated", "Created"]
    now = list(connect(new_desk).users(role="end-user"))
    assert len(now) == 101
    assert [user.id for user in now if user.notes == "changed"] == ids(made[:4])

    job = finished(own, own.users.delete(now[:50]))
    assert job.status == "completed"
    by_external_id = [User(external_id=user.external_id) for user in now[50:60]]
    job = finished(own, own.users.delete_by_external_id(by_external_id))
    assert job.status == "completed"
    assert ids(connect(new_desk).users(role="end-user")) == ids(now[60:])
    assert sorted(ids(own.users.deleted())) == ids(now[:60])


def test_one_too_many(own):
    with pytest.raises(TooManyValuesException):
        own.users.create([User(name="Person")] * 101)


def test_what_is_refused(own):
    own.users.create(User(name="Ada", email="ada@engines.example"))
    with pytest.raises(APIException) as refused:
        own.users.create(User(name="Eve", email="Ada@Engines.example"))
    answer = refused.value.response
    assert answer.status_code == 422
    [problem] = answer.json()["details"]["email"]
    assert problem["error"] == "DuplicateValue"
    with pytest.raises(RecordNotFoundException):
        own.users(id=1)
    with pytest.raises(RecordNotFoundException):
        own.users.delete(User(id=1))


def test_two_become_one(own, new_desk):
    source = own.users.create(User(name="Ada", email="ada@engines.example"))
    target = own.users.create(User(name="Ada Lovelace", email="countess@engines.example"))
    merged = own.users.merge(source, target)
    assert merged.id == target.id
    values = {identity.value for identity in own.users.identities(id=target.id)}
    assert values == {"ada@engines.example", "countess@engines.example"}
    assert ids(connect(new_desk).users(role="end-user")) == [target.id]
    related = own.users.related(target)
    assert (related.assigned_tickets, related.requested_tickets) == (0, 0)


def test_identities(own, new_desk):
    user = own.users.create(User(name="Ada", email="ada@engines.example"))
    own.users.identities.create(user, Identity(type="email", value="countess@engines.example"))
    phone = own.users.identities.create(user, Identity(type="phone_number", value="+441234567890"))
    [first, second, third] = own.users.identities(id=user.id)
    assert (first.value, first.primary) == ("ada@engines.example", True)
    assert (second.value, second.primary, second.verified) == (
        "countess@engines.example",
        False,
        False,
    )
    assert third.id == phone.id

    own.users.identities.verify(user, second)
    own.users.identities.make_primary(user, second)
    assert own.users.identities.show(user, second).verified
    assert connect(new_desk).users(id=user.id).email == "countess@engines.example"
    own.users.identities.delete(user, first)
    values = [identity.value for identity in own.users.identities(id=user.id)]
    assert sorted(values) == ["+441234567890", "countess@engines.example"]


def test_groups_and_organizations(own, new_desk):
    agent = own.users.create(User(name="Agent", email="agent@desk.example", role="agent"))
    first = own.groups.create(Group(name="First line"))
    second = own.groups.create(Group(name="Second line"))
    membership = own.group_memberships.create(GroupMembership(user_id=agent.id, group_id=first.id))
    assert (membership.user_id, membership.group_id) == (agent.id, first.id)
    assert ids(own.groups()) == [first.id, second.id]
    assert ids(own.groups.users(first)) == [agent.id]
    assert ids(own.groups.users(second)) == []
    assert ids(own.users.group_memberships(agent)) == [membership.id]

    organization = own.organizations.create(Organization(name="Analytical Engines"))
    user = own.users.create(User(name="Ada", organization_id=organization.id))
    assert ids(own.organizations.users(organization)) == [user.id]
    [found] = [other for other in connect(new_desk).users() if other.organization_id]
    assert found.organization.name == "Analytical Engines"
    own.organizations.delete(organization)
    assert connect(new_desk).users(id=user.id).organization_id is None

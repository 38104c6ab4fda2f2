"""dlt, the library that loads tables: its request client in the loop of its Zendesk source, and
whole pipelines of its REST source, each into memory."""

from collections import defaultdict
from enum import Enum

import dlt
import pytest
from dlt.common import pendulum
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_source

from desk import DELETED, OWNER, bounded

# Where the Zendesk source of dlt begins.
START = pendulum.datetime(2000, 1, 1)


class Mode(Enum):
    """The ways of paging that the Zendesk source of dlt knows, and what each adds."""

    OFFSET = {}
    CURSOR = {"page[size]": 100}
    STREAM = {"per_page": 1000}


@pytest.fixture(autouse=True)
def apart(monkeypatch, tmp_path):
    """Nothing of this machine's dlt takes part, and nothing is told to anybody."""
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


def pages(desk, path, key, mode, **params):
    """Asks as the Zendesk source does: one page after the other, by the link in each."""
    url, params = f"{desk.api}{path}", mode.value | params
    session = bounded(requests.Client().session)
    while url:
        answer = session.get(url, auth=(f"{OWNER}/token", desk.token), params=params)
        answer.raise_for_status()
        body = answer.json()
        yield body[key]
        url, params = None, {}
        if mode is Mode.CURSOR and body["meta"]["has_more"]:
            url = body["links"]["next"]
        elif mode is Mode.OFFSET:
            url = body.get("next_page")
        elif mode is Mode.STREAM and not body["end_of_stream"]:
            url = body["next_page"]


@pytest.mark.parametrize("mode", [Mode.CURSOR, Mode.OFFSET])
@pytest.mark.parametrize("path", ["/users.json", "/users"])
def test_every_page(desk, path, mode):
    found = list(pages(desk, path, "users", mode))
    assert [len(page) for page in found] == [100, 100, len(desk.users) - 200]
    assert sum(found, []) == desk.users


def test_an_export(desk):
    start = START.int_timestamp
    found = sum(pages(desk, "/incremental/users.json", "users", Mode.STREAM, start_time=start), [])
    by_id = {user["id"]: user for user in found}
    assert len(found) == len(by_id)
    assert by_id == {user["id"]: user for user in desk.users + desk.deleted}


def test_an_export_in_small_pages(desk):
    """What changed within one second is never split, and nothing is left out between pages."""
    params = {"start_time": START.int_timestamp, "per_page": 1}
    found = list(pages(desk, "/incremental/users.json", "users", Mode.STREAM, **params))
    written = desk.users + desk.deleted
    assert len(found) == len({user["updated_at"] for user in written})
    assert sorted(user["id"] for user in sum(found, [])) == sorted(user["id"] for user in written)


@pytest.mark.parametrize("key", ["organizations", "groups", "group_memberships", "custom_roles"])
def test_the_lists_beside(desk, key):
    """The Zendesk source loads these together with the users; the last one by offset."""
    mode = Mode.OFFSET if key == "custom_roles" else Mode.CURSOR
    found = sum(pages(desk, f"/{key}.json", key, mode), [])
    expected = {
        "organizations": {user["organization_id"] for user in desk.with_role("end-user")},
        "groups": {group["id"] for group in desk.groups},
        "group_memberships": {membership["id"] for membership in desk.memberships},
        "custom_roles": {role["id"] for role in desk.roles},
    }
    assert {one["id"] for one in found} == expected[key]
    assert len(found) == len(expected[key]) > 0


def test_a_wrong_token(desk):
    with pytest.raises(requests.HTTPError) as refused:
        requests.client.get(f"{desk.api}/users.json", auth=(f"{OWNER}/token", "wrong"))
    assert refused.value.response.status_code == 401


def load(source):
    """Runs a pipeline into memory and returns the rows of each table."""
    tables = defaultdict(list)

    @dlt.destination(
        batch_size=100,
        loader_file_format="typed-jsonl",
        naming_convention="direct",
        skip_dlt_columns_and_tables=True,
    )
    def memory(items, table):
        tables[table["name"]] += items

    dlt.pipeline("people", destination=memory()).run(source).raise_on_failed_jobs()
    return tables


def resource(name, path, paginator, **params):
    """A table of users, as the REST source is told of it."""
    return {
        "name": name,
        "endpoint": {
            "path": path,
            "params": params,
            "data_selector": "users",
            "paginator": paginator,
        },
    }


LINK = {"type": "json_link", "next_url_path": "links.next"}
NEXT_PAGE = {"type": "json_link", "next_url_path": "next_page"}
CURSOR = {
    "type": "cursor",
    "cursor_path": "meta.after_cursor",
    "cursor_param": "page[after]",
    "has_more_path": "meta.has_more",
}
PAGE_NUMBER = {
    "type": "page_number",
    "base_page": 1,
    "page_param": "page",
    "total_path": None,
    "stop_after_empty_page": True,
}


@pytest.mark.parametrize("way", ["basic", "bearer"])
def test_a_pipeline(desk, way):
    auth = {"type": "bearer", "token": desk.token}
    if way == "basic":
        auth = {"type": "http_basic", "username": f"{OWNER}/token", "password": desk.token}
    session = bounded(requests.Client(raise_for_status=False).session)
    source = rest_api_source(
        {
            "client": {"base_url": f"{desk.api}/", "auth": auth, "session": session},
            "resources": [
                resource("by_link", "users.json", LINK, **Mode.CURSOR.value),
                resource("by_cursor", "users", CURSOR, **{"page[size]": 64}),
                resource("by_offset", "users.json", NEXT_PAGE, per_page=50),
                resource("by_number", "users", PAGE_NUMBER, per_page=50),
                resource("agents", "users.json", LINK, role="agent", **Mode.CURSOR.value),
                resource(
                    "changes",
                    "incremental/users.json",
                    "single_page",
                    start_time=START.int_timestamp,
                    **Mode.STREAM.value,
                ),
            ],
        }
    )
    tables = load(source)
    for table in ["by_link", "by_cursor", "by_offset", "by_number"]:
        assert sorted(row["id"] for row in tables[table]) == desk.ids, table
    agents = [user["id"] for user in desk.with_role("agent")]
    assert sorted(row["id"] for row in tables["agents"]) == agents
    changes = tables["changes"]
    assert sorted(row["id"] for row in changes) == sorted(desk.ids + desk.deleted_ids)
    assert sum(not row["active"] for row in changes) == DELETED

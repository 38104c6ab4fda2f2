"""What the OpenAPI document of Zendesk's dialect cannot say, and schemathesis therefore cannot
know. `openapi_zendesk.toml` has the rest."""

import time

import schemathesis

# Python alone takes the four separators from U+001C on for white space, too.
SEPARATORS = "\x1c\x1d\x1e\x1f"
WHITE = "".join(set(filter(str.isspace, map(chr, range(0x3001)))) - set(SEPARATORS))
# How many records deep a page by number may be.
DEPTH = 10_000
BY_CURSOR = {"page[size]", "page[after]", "page[before]"}
# Only the server makes cursors. What it says to others is tested elsewhere.
CURSORS = {"page[after]", "page[before]", "cursor"}
# What is no text. Without a value it counts as absent, too.
NUMBERS = {"page", "per_page", "page[size]", "permission_set", "start_time"}
LISTS = {"ids", "external_ids", "role[]", "type[]"}
# Anything but true is false.
FLAGS = {"include_boundary_indicators", "include_item_cursors", "exclude_deleted"}
# Where one of the first is read, none of the second is looked at, or it is an error.
EXCLUSIVE = [(BY_CURSOR, {"page", "per_page"}), ({"ids"}, {"external_ids"})]
SORTS = {"id", "name", "created_at", "updated_at"}
# Parameters of the query or the body, one of which is needed.
NEEDED = {
    "/api/v2/incremental/users/cursor": {"start_time"},
    "/api/v2/users/autocomplete": {"name", "phone"},
    "/api/v2/users/destroy_many": {"ids", "external_ids"},
    "/api/v2/users/logout_many": {"ids"},
}


@schemathesis.hook
def filter_case(_, case):
    """Leaves out what the document allows, or forbids, only because it has no better words."""
    # A link between two operations may lead from a field that is null.
    if None in (case.path_parameters or {}).values():
        return False
    whole = case.query or {}
    query = {name: value for name, value in whole.items() if not is_empty(value)}
    body = case.body if isinstance(case.body, dict) else {}
    return (
        query.keys() >= whole.keys() & (NUMBERS | LISTS | FLAGS)
        and not CURSORS & query.keys()
        and not any(first & query.keys() and other & query.keys() for first, other in EXCLUSIVE)
        and all(is_bool(query[name]) for name in FLAGS & query.keys())
        and all(map(has_no_empty_item, query.values()))
        and is_sort(query)
        and is_within_depth(query)
        and is_a_minute_ago(query)
        and is_enough(case.operation.path, query, body)
    )


def is_empty(value):
    """An empty value counts as none. An object becomes parameters of other names."""
    return value in (None, []) or isinstance(value, dict) or str(value).strip(WHITE) == ""


def is_bool(value):
    return isinstance(value, bool) or value in ("true", "false")


def has_no_empty_item(value):
    """A list is separated by commas, and an empty item counts as none."""
    items = value if isinstance(value, list) else str(value).split(",")
    return not any(part.strip(WHITE) == "" for item in items for part in str(item).split(","))


def is_sort(query):
    """By number, a sort that is none says nothing."""
    return bool(BY_CURSOR & query.keys()) or str(query.get("sort", "id")).removeprefix("-") in SORTS


def number(value):
    """The number that a parameter is, if it is one."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def is_within_depth(query):
    page, size = number(query.get("page", 1)), number(query.get("per_page", 100))
    return page is None or size is None or page * min(size, 100) <= DEPTH


def is_a_minute_ago(query):
    """An export begins at least a minute ago."""
    start = number(query.get("start_time"))
    return start is None or start < time.time() - 60


def is_enough(path, query, body):
    """A request says whom it means: in one of several parameters, or in the body."""
    if path == "/api/v2/users/update_many":
        return ("user" if {"ids", "external_ids"} & query.keys() else "users") in body
    given = query.keys() | {name for name, value in body.items() if not is_empty(value)}
    return path not in NEEDED or bool(NEEDED[path] & given)

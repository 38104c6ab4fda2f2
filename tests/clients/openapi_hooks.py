"""What an OpenAPI document cannot say, and schemathesis therefore cannot know."""

import schemathesis
from hypothesis import strategies

# The document asks webhooks for a URI. Which of them may be called is said in words there: these.
# They lead nowhere, since the server calls them: nobody has a name that ends like this.
host = strategies.from_regex(r"[a-z]([a-z0-9]{0,20})\.(invalid|test)", fullmatch=True)
signs = strategies.sampled_from([*"abcXYZ019-_.~/?=&", "%3F"])
path = strategies.lists(signs, max_size=40).map("".join)
url = strategies.builds("https://{}/{}".format, host, path)
schemathesis.openapi.format("uri", url)


@schemathesis.hook
def filter_case(_, case):
    """Leaves out what the document allows only because it has no words against it."""
    query = case.query or {}
    # Query parameters that exclude each other.
    if "external_id" in query and ("cursor" in query or "limit" in query):
        return False
    # An integer written as a decimal, `12.0`, is an integer to JSON Schema. An end user's
    # metadata take no decimals, as the vendor's do not.
    return "end-users" not in case.operation.path or not holds_whole_decimal(case.body)


@schemathesis.hook
def before_call(_, case, *__):
    """Lets the document's own examples lead nowhere, too."""
    if isinstance(case.body, dict) and isinstance(case.body.get("url"), str):
        url = case.body["url"].replace("//example.com", "//example.invalid")
        case.body = case.body | {"url": url}


def holds_whole_decimal(value):
    if isinstance(value, dict):
        return any(map(holds_whole_decimal, value.values()))
    if isinstance(value, list):
        return any(map(holds_whole_decimal, value))
    return isinstance(value, float) and value.is_integer()

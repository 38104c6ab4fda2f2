"""What became of messages, over HTTP: roster's own API, beside Ada's dialect."""

from program import PATIENCE
from receivers import answer_text
from webhooks import CREATED


def test_deliveries_attempts_and_replays(open_webhooks, open_receiver):
    webhooks = open_webhooks(retry=("--webhook-retry", "0s,10ms"))
    why = "ü" * 2000
    endpoint = webhooks.register(open_receiver(answer_text(500, why), answer_text(503, "later")))
    url = f"{webhooks.server.url}/roster/v1/webhooks/{endpoint.id}"
    user = webhooks.create("fails twice")
    first = endpoint.next()
    endpoint.next()
    endpoint.wait_for_state("failed")

    [delivery] = webhooks.get(f"{url}/deliveries?state=failed")["data"]
    assert delivery["id"] == first.identifier
    assert (delivery["event_type"], delivery["state"]) == (CREATED, "failed")
    assert delivery["end_user_id"] == user["end_user_id"]
    assert delivery["last_attempt"]["status"] == 503
    assert webhooks.get(f"{url}/deliveries?state=delivered")["data"] == []
    shown = webhooks.get(f"{url}/deliveries/{first.identifier}")["history"]
    assert [attempt["status"] for attempt in shown] == [500, 503]
    # Of the answer the first KiB is kept.
    assert 500 <= len(shown[0]["answer"]) <= 513 and set(shown[0]["answer"]) <= {"ü", "\ufffd"}
    assert shown[1]["answer"] == "later"

    def ask(path, **body):
        asked = webhooks.client.post(f"{url}{path}", json=body, timeout=PATIENCE)
        assert asked.status_code == 202, asked.text
        return asked.json()

    assert ask("/replay", since="2120-01-01T00:00:00Z") == {"count": 0}
    assert ask("/replay", since="2020-01-01T00:00:00Z") == {"count": 1}
    again = endpoint.next()
    assert (again.identifier, again.body) == (first.identifier, first.body)
    endpoint.wait_for_state("delivered")
    ask(f"/deliveries/{first.identifier}/replay")
    assert endpoint.next().identifier == first.identifier

    # Whoever may not manage webhooks sees nothing of it.
    reader = webhooks.server.session(webhooks.server.make_token("--scope", "end_users:read"))
    for path in ["/deliveries", f"/deliveries/{first.identifier}"]:
        assert reader.get(f"{url}{path}").status_code == 403
    assert reader.get(f"{endpoint.url}/secret/").status_code == 403

import requests

url = "https://example.ada.support/api/v2/end-users/"

payload = { "profile": {
        "first_name": "Grace",
        "last_name": "Hopper",
        "email": "grace@example.org",
        "language": "en-CA",
        "metadata": {
            "tier": "gold",
            "team": "compilers"
        },
        "sensitive_metadata": { "fields": {
                "access_token": "opensesame-4711",
                "session": "session-0815"
            } }
    } }
headers = {
    "Authorization": "Bearer <token>",
    "Content-Type": "application/json"
}

response = requests.post(url, json=payload, headers=headers)

print(response.json())

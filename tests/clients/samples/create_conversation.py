import requests

url = "https://example.ada.support/api/v2/conversations/"

payload = { "channel_id": "channel_id" }
headers = {
    "Authorization": "Bearer <token>",
    "Content-Type": "application/json"
}

response = requests.post(url, json=payload, headers=headers)

print(response.json())

import requests

url = "https://example.ada.support/api/v2/conversations/conversation_id/"

payload = { "metadata": {
        "page": "basket",
        "visits": 3,
        "returning": True,
        "confidence": 0.75
    } }
headers = {
    "Authorization": "Bearer <token>",
    "Content-Type": "application/json"
}

response = requests.patch(url, json=payload, headers=headers)

print(response.json())

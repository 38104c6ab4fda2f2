import requests

url = "https://example.ada.support/api/v2/channels/"

payload = {
    "description": "The window of our shop",
    "modality": "messaging",
    "name": "Shop"
}
headers = {
    "Authorization": "Bearer <token>",
    "Content-Type": "application/json"
}

response = requests.post(url, json=payload, headers=headers)

print(response.json())

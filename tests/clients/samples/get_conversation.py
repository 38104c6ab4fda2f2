import requests

url = "https://example.ada.support/api/v2/conversations/conversation_id/"

headers = {"Authorization": "Bearer <token>"}

response = requests.get(url, headers=headers)

print(response.json())

import requests

url = "https://example.ada.support/api/v2/conversations/conversation_id/end/"

headers = {"Authorization": "Bearer <token>"}

response = requests.post(url, headers=headers)

print(response.json())

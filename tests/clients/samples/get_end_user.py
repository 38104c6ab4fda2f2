import requests

url = "https://example.ada.support/api/v2/end-users/end_user_id"

headers = {"Authorization": "Bearer <token>"}

response = requests.get(url, headers=headers)

print(response.json())

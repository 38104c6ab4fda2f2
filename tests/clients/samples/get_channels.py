import requests

url = "https://example.ada.support/api/v2/channels/"

querystring = {"type":"custom"}

headers = {"Authorization": "Bearer <token>"}

response = requests.get(url, headers=headers, params=querystring)

print(response.json())

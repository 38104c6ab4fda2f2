import requests

url = "https://example.ada.support/api/v2/end-users/end_user_id"

payload = { "profile": {
        "first_name": "Grace",
        "last_name": "Hopper",
        "display_name": "Rear Admiral Hopper",
        "avatar": "https://images.example.org/grace.png",
        "email": "hopper@example.org",
        "language": "en-US",
        "metadata": {
            "key_of_text": "a text",
            "key_of_truth": True,
            "key_of_number": 4711
        },
        "sensitive_metadata": { "fields": {
                "access_token": "opensesame-4712",
                "session": "session-0816"
            } }
    } }
headers = {
    "Authorization": "Bearer <token>",
    "Content-Type": "application/json"
}

response = requests.patch(url, json=payload, headers=headers)

print(response.json())

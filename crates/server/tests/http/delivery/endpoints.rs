//! Which endpoint is told what.

use super::{Desk, Receiver, json};

async fn types(desk: &Desk, receiver: &Receiver) -> Vec<String> {
    desk.deliver().await;
    receiver.take().iter().map(|message| message.text_at("/type")).collect()
}

#[tokio::test]
async fn endpoints_are_told_what_they_ask_for() {
    let desk = Desk::open().await;
    let (usual, named) = (Receiver::start().await, Receiver::start().await);
    desk.register(&usual, json!({})).await;
    let filters = ["v1.end_user.deleted", "v1.conversation.created", "v1.conversation.ended"];
    desk.register(&named, json!({"event_filters": filters})).await;
    let grace = desk.make("Grace").await;
    desk.rename(&grace, "Grace B.").await;
    desk.rename(&grace, "Grace B.").await;
    let channel = desk.app.channel().await;
    let body = json!({"channel_id": channel, "end_user_id": grace});
    let conversation = desk.app.post("/api/v2/conversations/").json(&body).await.expect(201);
    let conversation = conversation.text_at("/id");
    desk.app.post(&format!("/api/v2/conversations/{conversation}/end/")).await.expect(200);
    assert_eq!(types(&desk, &usual).await, ["v1.end_user.created", "v1.end_user.updated"]);
    assert_eq!(types(&desk, &named).await, ["v1.conversation.created", "v1.conversation.ended"]);

    desk.make("Ada").await;
    desk.app.pass(std::time::Duration::from_secs(25 * 60 * 60)).await;
    desk.deliver().await;
    let gone = named.take();
    assert_eq!(gone.len(), 1, "Grace has had a conversation");
    assert_eq!(gone[0].text_at("/type"), "v1.end_user.deleted");
    assert_eq!(gone[0].text_at("/data/reason"), "expired");
}

#[tokio::test]
async fn another_account_is_told_nothing() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    let other = desk.app.other_account(roster_directory::Scopes::SERVER).await;
    let body = json!({"profile": {"first_name": "Eve"}});
    desk.app.call_as(&other, "POST", "/api/v2/end-users/").json(&body).await.expect(201);
    assert_eq!(types(&desk, &receiver).await, [""; 0]);
}

#[tokio::test]
async fn deliveries_are_known_of_for_thirty_days() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    desk.make("Grace").await;
    desk.deliver().await;
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    desk.app.pass(day * 30).await;
    assert_eq!(desk.deliveries(&id).await.len(), 1);
    desk.app.pass(std::time::Duration::from_secs(1)).await;
    assert_eq!(desk.deliveries(&id).await.len(), 0);
}

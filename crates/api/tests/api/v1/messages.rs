//! `/v1/messages`

use std::sync::Arc;

use app::ports::Channel;
use serde_json::json;
use testkit::RecordingChannel;

use crate::house::House;

/// Whoever tests a channel can ask what became of it, and with what answer.
#[tokio::test]
async fn a_message_tells_what_became_of_it_and_never_what_it_says() {
    let house = House::open().await;
    let mail: Arc<dyn Channel> = Arc::new(RecordingChannel::mail("mail"));
    house.ctx.channels.store(Arc::new(vec![mail]));
    let to = json!({"to": "ada@example.org"});
    let test = house.post("/v1/channels/mail/test", to).await;
    let id = test.is(202).json()["message"].as_str().unwrap().to_owned();
    let path = format!("/v1/messages/{id}");
    let waiting = house.get(&path).await.is(200).json();
    assert_eq!(waiting["message"]["state"], "queued");
    assert_eq!(waiting["attempts"], json!([]));

    for claimed in app::deliver::claim(&house.ctx, 10, Vec::new())
        .await
        .unwrap()
    {
        app::deliver::deliver(&house.ctx, claimed).await.unwrap();
    }
    let sent = house.get(&path).await.is(200).json();
    assert_eq!(sent["message"]["state"], "accepted");
    assert_eq!(sent["message"]["kind"], "test");
    assert_eq!(sent["message"]["recipient_name"], "ada@example.org");
    assert_eq!(sent["attempts"][0]["outcome"], "accepted");
    assert!(sent["message"].get("payload").is_none(), "{sent}");

    let accepted = house.get("/v1/messages?state=accepted&channel=mail").await;
    assert_eq!(accepted.is(200).json()["items"][0]["id"], *id);
    let none = house.get("/v1/messages?state=failed").await.is(200).json();
    assert_eq!(none["items"], json!([]));
    let wrong = house.get("/v1/messages?state=gone").await;
    wrong.problem(422, "invalid");
    let unknown = house.get("/v1/messages/msg_none").await;
    unknown.problem(404, "not-found");
}

//! `/v1/channels`

use std::sync::Arc;

use app::ports::Channel;
use serde_json::json;
use testkit::RecordingChannel;

use crate::house::House;

/// T19: a test takes the path of a warning.
#[tokio::test]
async fn a_test_takes_the_path_of_a_warning() {
    let house = House::open().await;
    let mail: Arc<dyn Channel> = Arc::new(RecordingChannel::mail("mail"));
    house.ctx.channels.store(Arc::new(vec![mail]));
    let list = house.get("/v1/channels").await.is(200).json();
    assert_eq!(list["items"][0]["id"], "mail");
    assert_eq!(list["items"][0]["state"], "ok");
    assert_eq!(list["items"][0]["reaches_persons"], true);
    let to = json!({"to": "ada@example.org"});
    let test = house
        .post("/v1/channels/mail/test", to)
        .await
        .is(202)
        .json();
    assert!(test["message"].as_str().unwrap().starts_with("msg_"));
    let nobody = house.post("/v1/channels/mail/test", json!({})).await;
    assert_eq!(
        nobody.problem(422, "invalid")["errors"][0]["pointer"],
        "#/to"
    );
    house
        .post("/v1/channels/none/test", json!({}))
        .await
        .problem(404, "not-found");
    let ready = house.ask("GET", "/readyz").send().await.is(200).json();
    assert_eq!(ready["status"], "ready");
}

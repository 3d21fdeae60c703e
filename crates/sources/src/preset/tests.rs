//! A preset of no real system, read from a fake: what the walk promises whatever answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::ports::{Batch, Connector, ConnectorError, ReadSummary};
use domain::inventory::{End, Listed, Observation};
use domain::kernel::{Instant, Secret, SourceId};
use testkit::FakeClock;
use tokio::sync::mpsc;

use super::load;
use super::open::known_as;
use crate::fakes::{self, Fake, answer};
use crate::keys::{KeyError, Keys, SecretHandle};
use crate::system::{System as _, Tools};

const HEAD: &str = r#"
id = "acme"
system = "Acme"
read = [{ url = "https://docs.acme.example", on = "2026-11-22" }]
tried = "documented payloads"
needs = "a key that may list keys"
[settings]
url = { says = "where Acme is" }
token = { kind = "secret", says = "a key" }
org = { kind = "list", says = "which organisations", optional = true }
[auth]
kind = "bearer"
token = "{setting.token}"
[request]
base = "{setting.url}"
"#;

const LIST: &str = r#"
[[lists]]
name = "keys"
kind = "key"
path = "/keys"
items = "/data"
page = { kind = "cursor", from = "/next", param = "cursor" }
renew_url = "{setting.url}/keys/{/id}"
[lists.map]
external_id = "/id"
name = "/label"
expires = { at = "/end", missing = "never" }
owner = { email = "/mail" }
revoked_when = [{ at = "/state", is = ["revoked"] }]
"#;

fn source(text: &str, url: &str, more: &str) -> Result<Arc<dyn Connector>, KeyError> {
    let document = load::parse("acme.toml", text).unwrap_or_else(|e| panic!("{e}"));
    let shipped = known_as(document).remove(0);
    let open =
        Arc::new(|_: &toml::Value| Ok(SecretHandle::new(|| Ok(Secret::new("s3cret".to_owned())))));
    let table = format!("url = '{url}'\ntoken = {{ env = 'X' }}\n{more}");
    let mut keys = Keys::new("far", table.parse().unwrap(), open);
    let tools = Tools {
        egress: fakes::egress(),
        egress_settings: egress::Settings::default(),
        clock: Arc::new(FakeClock::at(
            Instant::parse("2026-11-22T00:00:00Z").unwrap(),
        )),
    };
    let id = SourceId::parse("far").unwrap();
    Ok(shipped.open(id, &mut keys, &tools)?.connector.unwrap())
}

/// What a read tells, with the checkpoint it leaves.
struct Told {
    outcome: Result<ReadSummary, ConnectorError>,
    listed: BTreeMap<String, Listed>,
    checkpoint: Option<serde_json::Value>,
}

async fn read(connector: &dyn Connector, checkpoint: Option<serde_json::Value>) -> Told {
    let (sender, mut batches) = mpsc::channel::<Batch>(4);
    let mut told = Told {
        outcome: Err(ConnectorError::Stopped),
        listed: BTreeMap::new(),
        checkpoint: None,
    };
    let take = async {
        while let Some(batch) = batches.recv().await {
            told.checkpoint = Some(batch.checkpoint);
            for observation in batch.observations {
                let Observation::Listed(listed) = observation else {
                    panic!("an event")
                };
                told.listed.insert(listed.external_id.clone(), *listed);
            }
        }
    };
    let (outcome, ()) = tokio::join!(connector.read(checkpoint, sender), take);
    told.outcome = outcome;
    told
}

async fn once(text: &str, answers: &[String]) -> (Told, Vec<String>) {
    let fake = Fake::start(answers).await;
    let told = read(source(text, &fake.url(""), "").unwrap().as_ref(), None).await;
    (told, fake.requests())
}

fn ok(body: &str) -> String {
    answer(200, &[("content-type", "application/json")], body)
}

fn preset() -> String {
    format!("{HEAD}{LIST}")
}

/// L33: an end that is null or absent is none, as the preset says; one that cannot be read is
/// not known.
#[tokio::test]
async fn a_list_is_read_page_after_page_and_mapped() {
    let first = r#"{"data":[{"id":1,"label":"ci","end":"2027-01-01","mail":"ada@example.org","secret":"hush"},
        {"id":2,"state":"revoked","end":null}],"next":"c1"}"#;
    let second = r#"{"data":[{"id":"3","end":"garbage"},{"id":"4"}],"next":""}"#;
    let (told, requests) = once(&preset(), &[ok(first), ok(second)]).await;
    let summary = told.outcome.unwrap();
    assert!(summary.complete && summary.is_listing);
    assert_eq!((summary.read, summary.unreadable), (4, 0));
    assert!(
        requests[0].starts_with("GET /keys HTTP/1.1"),
        "{}",
        requests[0]
    );
    assert!(requests[0].contains("authorization: Bearer s3cret"));
    assert!(
        requests[1].starts_with("GET /keys?cursor=c1 HTTP/1.1"),
        "{}",
        requests[1]
    );
    let one = &told.listed["1"];
    assert_eq!(one.name.as_ref().unwrap().as_str(), "ci");
    assert_eq!(
        one.end,
        End::Known(Instant::parse("2027-01-01T00:00:00Z").unwrap())
    );
    assert_eq!(
        one.owner.as_ref().unwrap().email.as_deref(),
        Some("ada@example.org")
    );
    assert!(one.origin_url.as_ref().unwrap().ends_with("/keys/1"));
    assert!(
        !format!("{:?}", told.listed).contains("hush"),
        "unmapped fields are kept"
    );
    assert!(told.listed["2"].revoked_at.is_some());
    assert_eq!(told.listed["2"].end, End::Never);
    assert_eq!(told.listed["3"].end, End::Unknown);
    assert_eq!(told.listed["4"].end, End::Never);
    assert!(
        summary.remarks[0].contains("cannot be read"),
        "{:?}",
        summary.remarks
    );
}

/// L33: an end in a header is read in each form that issuers write. Without the header the
/// preset says whether there is no end or nobody knows; neither is an error.
#[tokio::test]
async fn an_end_in_a_header_is_read_and_its_absence_is_no_error() {
    let end = async |expires: &str, ends: &[(&str, &str)]| {
        let list = LIST.replace(r#"{ at = "/end", missing = "never" }"#, expires);
        let answered = answer(200, ends, r#"{"data":[{"id":1}]}"#);
        let (told, _) = once(&format!("{HEAD}{list}"), &[answered]).await;
        let summary = told.outcome.unwrap();
        assert!(summary.complete, "{:?}", summary.partial);
        assert_eq!((summary.read, summary.unreadable), (1, 0));
        told.listed["1"].end
    };
    let never = r##"{ at = "#x-ends", missing = "never" }"##;
    let at = |text| End::Known(Instant::parse(text).unwrap());
    for (written, meant) in [
        ("2026-12-24 10:00:00 UTC", at("2026-12-24T10:00:00Z")),
        ("2026-12-24 10:00:00 +0100", at("2026-12-24T09:00:00Z")),
        ("2026-12-24T10:00:00Z", at("2026-12-24T10:00:00Z")),
    ] {
        assert_eq!(end(never, &[("x-ends", written)]).await, meant, "{written}");
    }
    assert_eq!(end(never, &[]).await, End::Never);
    assert_eq!(end(r##""#x-ends""##, &[]).await, End::Unknown);
}

/// B69: what is no list is an error, never an empty one.
#[tokio::test]
async fn what_is_no_list_is_an_error_and_never_an_empty_one() {
    let page = answer(
        200,
        &[("content-type", "text/html")],
        "<html>Sign in</html>",
    );
    for (given, says) in [
        (page, "a web page"),
        (
            answer(302, &[("location", "/login")], ""),
            "leads elsewhere",
        ),
        (ok(r#"{"error":"x"}"#), "has no `/data`"),
        (answer(401, &[], ""), "refuses its credential"),
        (answer(403, &[], ""), "a key that may list keys"),
        (answer(404, &[], ""), "404"),
        (ok("{"), "not JSON"),
    ] {
        let (told, _) = once(&preset(), std::slice::from_ref(&given)).await;
        let error = told.outcome.unwrap_err().to_string();
        assert!(error.contains(says), "{says}: {error}");
        assert!(told.listed.is_empty());
    }
    let (told, _) = once(&preset(), &[answer(204, &[], "")]).await;
    assert_eq!(told.outcome.unwrap().read, 0);
}

/// B69: a list that leads elsewhere or never ends is read in part.
#[tokio::test]
async fn a_list_that_never_ends_or_leads_elsewhere_is_partial() {
    let same = ok(r#"{"data":[{"id":1}],"next":"same"}"#);
    let abroad = ok(r#"{"data":[{"id":1}],"next":"https://evil.example/"}"#);
    for given in [same, abroad] {
        let (told, requests) = once(&preset(), &[given]).await;
        let summary = told.outcome.unwrap();
        assert!(!summary.complete);
        assert!(
            summary.remarks[0].contains("in part"),
            "{:?}",
            summary.remarks
        );
        assert_eq!(told.listed.len(), 1, "what was read counts");
        assert!(requests.len() <= 2);
    }
}

#[tokio::test]
async fn an_item_without_an_id_makes_the_read_incomplete() {
    let (told, _) = once(&preset(), &[ok(r#"{"data":[{"label":"x"},{"id":1}]}"#)]).await;
    let summary = told.outcome.unwrap();
    assert_eq!(
        (summary.read, summary.unreadable, summary.complete),
        (2, 1, false)
    );
}

#[tokio::test]
async fn a_place_in_the_list_that_expired_is_begun_once_more() {
    let first = ok(r#"{"data":[{"id":1}],"next":"c"}"#);
    let gone = answer(410, &[], "");
    let whole = ok(r#"{"data":[{"id":1},{"id":2}]}"#);
    let (told, _) = once(&preset(), &[first.clone(), gone.clone(), whole]).await;
    assert!(told.outcome.unwrap().complete);
    assert_eq!(told.listed.len(), 2);
    let other = ok(r#"{"data":[{"id":1}],"next":"d"}"#);
    let (told, _) = once(&preset(), &[first, gone.clone(), other, gone]).await;
    assert!(!told.outcome.unwrap().complete, "not for ever");
}

#[tokio::test]
async fn children_are_asked_for_each_parent_and_a_parent_that_ended_has_none() {
    let list = r#"
[[lists]]
name = "tokens"
kind = "token"
parents = [{ path = "/accounts", items = "/accounts", keep = { id = "/id", name = "/name" }, skip_when = [{ at = "/tokens", is = [0] }] }]
path = "/accounts/{parent.id}/tokens"
items = ""
[lists.map]
external_id = "/id"
parent = { template = "{parent.id}" }
owner = { id = { template = "{parent.id}" }, name = { template = "{parent.name}" } }
expires = "/end"
"#;
    let fake = Fake::by(|request| {
        let accounts = r#"{"accounts":[{"id":"a/1","name":"A","tokens":1},{"id":"b","name":"B"},{"id":"c","tokens":0}]}"#;
        let body = match request.split(' ').nth(1).unwrap() {
            "/accounts" => ok(accounts),
            "/accounts/a%2F1/tokens" => ok(r#"[{"id":1}]"#),
            "/accounts/b/tokens" => answer(404, &[], ""),
            other => panic!("asked for {other}"),
        };
        body.into_bytes()
    })
    .await;
    let connector = source(&format!("{HEAD}{list}"), &fake.url(""), "").unwrap();
    let told = read(connector.as_ref(), None).await;
    assert!(told.outcome.unwrap().complete);
    let one = &told.listed["1"];
    assert_eq!(one.parent.as_deref(), Some("a/1"));
    assert_eq!(one.owner.as_ref().unwrap().name.as_deref(), Some("A"));
}

#[tokio::test]
async fn a_setting_with_several_values_asks_for_each() {
    let list = LIST.replace("path = \"/keys\"", "path = \"/orgs/{setting.org}/keys\"");
    let list = list.replace(
        "external_id = \"/id\"",
        "external_id = \"/id\"\nparent = { setting = \"org\" }",
    );
    let fake = Fake::by(|request| {
        let id = request.split('/').nth(2).unwrap();
        ok(&format!(r#"{{"data":[{{"id":"{id}"}}]}}"#)).into_bytes()
    })
    .await;
    let text = format!("{HEAD}{list}");
    let told = read(
        source(&text, &fake.url(""), "org = ['x', 'y']")
            .unwrap()
            .as_ref(),
        None,
    )
    .await;
    assert_eq!(told.listed["x"].parent.as_deref(), Some("x"));
    assert_eq!(told.listed["y"].parent.as_deref(), Some("y"));
}

#[tokio::test]
async fn an_optional_list_that_could_be_read_once_is_not_left_out_quietly() {
    let optional = LIST.replace("name = \"keys\"", "name = \"more\"\noptional = true");
    let optional = optional.replace("/keys\"", "/more\"");
    let text = format!("{HEAD}{LIST}{optional}");
    let serve = |status: u16| {
        Fake::by(move |request: &str| {
            let keys = ok(r#"{"data":[{"id":1}]}"#);
            let more = if status == 200 {
                ok(r#"{"data":[{"id":9}]}"#)
            } else {
                answer(status, &[], "")
            };
            if request.contains("/more") {
                more
            } else {
                keys
            }
            .into_bytes()
        })
    };
    let never = serve(403).await;
    let told = read(source(&text, &never.url(""), "").unwrap().as_ref(), None).await;
    let summary = told.outcome.unwrap();
    assert!(
        summary.complete && summary.remarks[0].contains("left out"),
        "{summary:?}"
    );
    let once = serve(200).await;
    let told = read(source(&text, &once.url(""), "").unwrap().as_ref(), None).await;
    let later = serve(403).await;
    let told = read(
        source(&text, &later.url(""), "").unwrap().as_ref(),
        told.checkpoint,
    )
    .await;
    assert!(!told.outcome.unwrap().complete);
}

#[tokio::test]
async fn a_list_that_fails_does_not_keep_the_others_from_being_read() {
    let other = LIST
        .replace("name = \"keys\"", "name = \"more\"")
        .replace("/keys\"", "/more\"");
    let fake = Fake::by(|request: &str| {
        let keys = answer(404, &[], "");
        if request.contains("/more") {
            ok(r#"{"data":[{"id":9}]}"#)
        } else {
            keys
        }
        .into_bytes()
    })
    .await;
    let text = format!("{HEAD}{LIST}{other}");
    let told = read(source(&text, &fake.url(""), "").unwrap().as_ref(), None).await;
    assert!(told.outcome.is_err());
    assert!(told.listed.contains_key("9"));
}

/// B69: limits are waited for, in the spelling met; a clock that is off does not matter.
#[tokio::test(start_paused = true)]
async fn a_limit_is_waited_for_and_then_the_same_is_asked_again() {
    let limited = answer(429, &[("retry-after", "30")], "");
    let began = tokio::time::Instant::now();
    let (told, requests) = once(&preset(), &[limited, ok(r#"{"data":[{"id":1}]}"#)]).await;
    assert!(told.outcome.unwrap().complete);
    assert_eq!(requests.len(), 2);
    assert!(began.elapsed() >= std::time::Duration::from_secs(30));
    let forever = answer(429, &[("retry-after", "86400")], "");
    let (told, requests) = once(&preset(), &[forever]).await;
    assert!(
        told.outcome
            .unwrap_err()
            .to_string()
            .contains("asks to wait")
    );
    assert_eq!(requests.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_failed_in_passing_is_tried_again_and_not_for_ever() {
    let (told, _) = once(&preset(), &[answer(502, &[], ""), ok(r#"{"data":[]}"#)]).await;
    assert!(told.outcome.is_ok());
    let (told, requests) = once(&preset(), &[answer(502, &[], "")]).await;
    assert!(told.outcome.unwrap_err().to_string().contains("502"));
    assert_eq!(requests.len(), 3);
}

#[tokio::test]
async fn owners_are_looked_up_once_each() {
    let text = format!(
        "{HEAD}{}\n[lookups.users]\npath = \"/users/{{key}}\"\nkeep = {{ mail = \"/mail\" }}\n",
        LIST.replace("email = \"/mail\"", "id = \"/user\", email = { lookup = { name = \"users\", key = \"/user\", at = \"mail\" } }")
    );
    let fake = Fake::by(|request: &str| {
        match request.split(' ').nth(1).unwrap() {
            "/keys" => ok(r#"{"data":[{"id":1,"user":7},{"id":2,"user":7},{"id":3,"user":8}]}"#),
            "/users/7" => ok(r#"{"mail":"ada@example.org"}"#),
            _ => answer(403, &[], ""),
        }
        .into_bytes()
    })
    .await;
    let told = read(source(&text, &fake.url(""), "").unwrap().as_ref(), None).await;
    assert!(
        told.outcome.unwrap().complete,
        "what cannot be looked up is left out"
    );
    let mail = |id: &str| told.listed[id].owner.as_ref().unwrap().email.clone();
    assert_eq!(mail("2").as_deref(), Some("ada@example.org"));
    assert_eq!(mail("3"), None);
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn a_sign_in_is_asked_for_once_and_again_after_a_401() {
    let auth = "[auth]\nkind = \"exchange\"\npath = \"/login\"\nbody = { secret = \"{setting.token}\" }\ntoken = \"/jwt\"\n";
    let text = preset().replace(
        "[auth]\nkind = \"bearer\"\ntoken = \"{setting.token}\"\n",
        auth,
    );
    let logins = std::sync::atomic::AtomicUsize::new(0);
    let fake = Fake::by(move |request: &str| {
        if request.starts_with("POST /login") {
            assert!(request.ends_with(r#"{"secret":"s3cret"}"#), "{request}");
            let n = logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            return ok(&format!(r#"{{"jwt":"j{n}"}}"#)).into_bytes();
        }
        let good = request.contains("authorization: Bearer j1");
        if good {
            ok(r#"{"data":[{"id":1}]}"#)
        } else {
            answer(401, &[], "")
        }
        .into_bytes()
    })
    .await;
    let connector = source(&text, &fake.url(""), "").unwrap();
    assert!(
        read(connector.as_ref(), None)
            .await
            .outcome
            .unwrap()
            .complete
    );
    assert_eq!(fake.requests().len(), 4);
    assert!(
        read(connector.as_ref(), None)
            .await
            .outcome
            .unwrap()
            .complete
    );
    assert_eq!(fake.requests().len(), 5, "the token is kept");
}

/// F27: the credential that a source reads with is one of those it watches.
#[tokio::test]
async fn the_own_credential_is_marked_in_its_list_or_read_from_its_own_answer() {
    let own = "[own]\npath = \"/me\"\nexternal_id = \"/id\"\nlist = \"keys\"\n";
    let text = format!("{HEAD}{own}{LIST}");
    for (list, others) in [
        (r#"{"data":[{"id":1},{"id":7,"label":"ours"}]}"#, 1),
        (r#"{"data":[{"id":1}]}"#, 1),
    ] {
        let fake = Fake::by(move |request: &str| {
            let me = ok(r#"{"id":7,"label":"ours","end":"2027-01-01"}"#);
            if request.starts_with("GET /me ") {
                me
            } else {
                ok(list)
            }
            .into_bytes()
        })
        .await;
        let told = read(source(&text, &fake.url(""), "").unwrap().as_ref(), None).await;
        assert!(told.outcome.unwrap().complete);
        let own: Vec<&Listed> = told.listed.values().filter(|l| l.own).collect();
        assert_eq!((own.len(), told.listed.len() - own.len()), (1, others));
        assert_eq!(own[0].name.as_ref().unwrap().as_str(), "ours");
    }
    let silent = Fake::by(|request: &str| {
        let list = ok(r#"{"data":[{"id":7}]}"#);
        if request.starts_with("GET /me ") {
            answer(403, &[], "")
        } else {
            list
        }
        .into_bytes()
    })
    .await;
    let told = read(source(&text, &silent.url(""), "").unwrap().as_ref(), None).await;
    assert!(
        told.outcome.unwrap().complete,
        "who cannot ask reads all the same"
    );
}

/// A credential that is asked about itself keeps its identity, whatever id it answers;
/// a refusal is told of it, and the source is well.
#[tokio::test]
async fn a_probe_that_is_refused_tells_of_its_credential_and_not_of_a_blind_source() {
    let text = preset()
        .replace("[settings]", "probe = true\n[settings]\nused_by = { kind = \"list\", says = \"what breaks\", optional = true }")
        .replace("items = \"/data\"", "items = \"\"")
        .replace("name = \"/label\"", "name = \"/label\"\nused_by = { setting = \"used_by\" }");
    let fake = Fake::start(&[
        ok(r#"{"id":"x1","end":"2027-01-01"}"#),
        answer(401, &[], ""),
    ])
    .await;
    let connector = source(&text, &fake.url(""), "used_by = ['nightly export']").unwrap();
    let told = read(connector.as_ref(), None).await;
    assert_eq!(told.listed["far"].labels["issuer id"], "x1");
    let (sender, mut batches) = mpsc::channel::<Batch>(4);
    let summary = connector.read(None, sender).await.unwrap();
    assert!(summary.complete);
    let batch = batches.recv().await.unwrap();
    let Observation::Refused { told, why } = &batch.observations[0] else {
        panic!("{:?}", batch.observations)
    };
    assert_eq!(
        (told.external_id.as_str(), told.kind.as_str()),
        ("far", "key")
    );
    assert_eq!(told.used_by[0].what, "nightly export");
    assert!(why.contains("401"), "{why}");
}

#[tokio::test]
async fn a_header_whose_setting_is_not_given_is_not_sent() {
    let text = preset()
        .replace(
            "[settings]",
            "[settings]\nkey = { kind = \"secret\", says = \"another\", optional = true }",
        )
        .replace(
            "kind = \"bearer\"\ntoken = \"{setting.token}\"",
            "kind = \"headers\"\nheaders = { X-A = \"{setting.key}\", X-B = \"{setting.token}\" }",
        );
    let fake = Fake::start(&[ok(r#"{"data":[]}"#)]).await;
    let told = read(source(&text, &fake.url(""), "").unwrap().as_ref(), None).await;
    assert!(told.outcome.is_ok());
    let request = &fake.requests()[0];
    assert!(
        request.contains("x-b: s3cret") && !request.contains("x-a"),
        "{request}"
    );
}

/// What a person is shown before a source is trusted: one page, mapped fields, and of the
/// others their names alone.
#[tokio::test]
async fn a_preview_shows_one_page_and_withholds_what_is_not_mapped() {
    let page = r#"{"data":[{"id":1,"label":"ci","end":"2027-01-01","value":"hush"}],"next":"c"}"#;
    let fake = Fake::start(&[ok(page)]).await;
    let preview = source(&preset(), &fake.url(""), "")
        .unwrap()
        .preview()
        .await
        .unwrap();
    assert_eq!(fake.requests().len(), 1);
    let row = &preview.rows[0];
    assert_eq!(row.told.name.as_ref().unwrap().as_str(), "ci");
    assert!(
        row.raw
            .contains(&("/end".to_owned(), "\"2027-01-01\"".to_owned())),
        "{row:?}"
    );
    assert_eq!(row.withheld, ["value"]);
    assert!(!format!("{preview:?}").contains("hush"));
    let login = Fake::start(&[answer(200, &[], "<html>")]).await;
    let wrong = source(&preset(), &login.url(""), "")
        .unwrap()
        .preview()
        .await;
    assert!(wrong.unwrap_err().to_string().contains("a web page"));
}

/// What an operator reads of a wrong preset: file, line, key and remedy.
#[test]
fn a_wrong_preset_names_file_line_key_and_remedy() {
    let wrong = |from: &str, to: &str| {
        let text = preset().replace(from, to);
        assert_ne!(text, preset(), "{from}");
        load::parse("acme.toml", &text).unwrap_err().to_string()
    };
    for (from, to, says) in [
        (
            "id = \"acme\"",
            "id = \"Acme!\"",
            "acme.toml, line 2: `id`: `Acme!` is no id",
        ),
        ("items = \"/data\"", "itmes = \"/data\"", "`lists[0].itmes`"),
        (
            "external_id = \"/id\"",
            "external_id = \"id\"",
            "line 25: `lists[0].map.external_id`: `id` is no pointer",
        ),
        ("external_id = \"/id\"\n", "", "missing field `external_id`"),
        (
            "{setting.url}/keys/{/id}",
            "{setting.utl}/keys",
            "there is no setting `utl`",
        ),
        (
            "{setting.url}/keys/{/id}",
            "{setting.url}/{setting.token}",
            "`token` is a secret",
        ),
        (
            "name = \"/label\"",
            "name = \"/client_secret\"",
            "looks like a secret's place",
        ),
        (
            "kind = \"cursor\"",
            "kind = \"curser\"",
            "`lists[0].page.kind`: unknown variant `curser`",
        ),
        ("kind = \"key\"\n", "", "what does it list?"),
        (
            "[request]\nbase = \"{setting.url}\"\n",
            "",
            "where all paths start",
        ),
        (
            "path = \"/keys\"",
            "path = \"/keys/{parent.id}\"",
            "no parent before it keeps `id`",
        ),
        ("id = \"acme\"", "id = acme", "line 2"),
        (
            "name = \"keys\"",
            "name = \"keys\"\nlike = \"others\"",
            "no list above is called `others`",
        ),
        (
            "expires = { at = \"/end\", missing = \"never\" }\n",
            "",
            "`lists[0].map.expires`: is missing",
        ),
    ] {
        let error = wrong(from, to);
        assert!(error.starts_with("acme.toml"), "{error}");
        assert!(error.contains(says), "{says}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn a_list_may_take_after_another() {
    let text = format!(
        "{}\n[[lists]]\nname = \"more\"\nlike = \"keys\"\nkind = \"other\"\npath = \"/more\"\n[lists.map]\nname = \"/title\"\n",
        preset()
    );
    let document = load::parse("acme.toml", &text).unwrap();
    let more = &document.lists[1];
    assert_eq!(more.kind.as_deref(), Some("other"));
    assert!(more.items.is_some() && more.map.expires.is_some());
    assert_eq!(more.map.name.as_ref().unwrap().described(), "/title");
}

#[test]
fn every_preset_that_ships_is_right() {
    let wrong: Vec<String> = super::open::SHIPPED
        .iter()
        .filter_map(|(file, text)| load::parse(file, text).err())
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let systems = super::shipped().unwrap_or_else(|e| panic!("{e}"));
    let ids: std::collections::BTreeSet<String> = systems.iter().map(|s| s.describe().id).collect();
    assert_eq!(ids.len(), systems.len(), "two presets have one id");
}

#[test]
fn a_missing_setting_says_what_it_is() {
    let document = load::parse("acme.toml", &preset()).unwrap();
    let open: crate::keys::OpenSecret = Arc::new(|_| Err("no".to_owned()));
    let mut keys = Keys::new("far", toml::Table::new(), open);
    let tools = Tools {
        egress: fakes::egress(),
        egress_settings: egress::Settings::default(),
        clock: Arc::new(FakeClock::at(Instant::EPOCH)),
    };
    let id = SourceId::parse("far").unwrap();
    let error = known_as(document)
        .remove(0)
        .open(id, &mut keys, &tools)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "`sources.far.token`: is missing; it says a key"
    );
}

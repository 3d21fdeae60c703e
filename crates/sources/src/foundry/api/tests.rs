//! Against a fake of the log-file API, written from the documented pages:
//! palantir/foundry-platform-python `docs/v2/Audit/LogFile.md`, `docs/v2/Admin/User.md`,
//! read 2026-11-26.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::inventory::Dossier;
use domain::kernel::{Instant, Span};
use serde_json::{Value, json};
use testkit::FakeClock;

use super::*;
use crate::fakes::{Fake, answer, egress};
use crate::keys::SecretHandle;

/// What the fake serves, and what it was asked for.
#[derive(Default)]
struct Foundry {
    /// Files by page; page `n` is followed by `p{n+1}`, also when that is empty.
    pages: Vec<Vec<String>>,
    contents: BTreeMap<String, Vec<u8>>,
    users: BTreeMap<String, Value>,
    /// Page tokens that are not known any more.
    lost: Vec<String>,
    /// Answers in place of the right ones, by a part of the path; each used once.
    instead: Vec<(String, String)>,
    /// `list START-OR-TOKEN`, `file ID`, `user ID`.
    asked: Vec<String>,
}

fn line(id: &str, owner: &str) -> String {
    let event = json!({
        "type": "audit.3", "time": "2026-11-20T10:00:00Z", "name": "CREATE_TOKEN",
        "result": "SUCCESS", "categories": ["tokenGeneration"], "uid": "acting",
        "resultFields": {"generatedTokens": [{
            "id": {"type": "other", "other": {"value": id}},
            "expirationTime": "2027-01-01T00:00:00Z", "userId": owner, "type": "API_TOKEN",
        }]},
    });
    format!("{event}\n")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

impl Foundry {
    /// Pages of plain files with one token each, called like their file.
    fn with(pages: &[&[&str]]) -> Self {
        let mut foundry = Self::default();
        for page in pages {
            foundry
                .pages
                .push(page.iter().map(|f| (*f).to_owned()).collect());
            for file in *page {
                let text = line(&format!("token-{file}"), "u-1");
                foundry
                    .contents
                    .insert((*file).to_owned(), text.into_bytes());
            }
        }
        foundry
    }

    fn answer(&mut self, request: &str) -> Vec<u8> {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let last = path
            .trim_end_matches("/content")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let place = query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            matches!(name, "startDate" | "pageToken").then(|| value.to_owned())
        });
        let (what, about) = match (path.contains("/admin/users/"), &place) {
            (true, _) => ("user", last),
            (false, Some(place)) => ("list", place.as_str()),
            (false, None) => ("file", last),
        };
        self.asked.push(format!("{what} {about}"));
        let key = format!("{what} {about}");
        if let Some(at) = self.instead.iter().position(|(part, _)| *part == key) {
            return self.instead.remove(at).1.into_bytes();
        }
        match what {
            "list" => self.list(about),
            "file" => self.file(about),
            _ => match self.users.get(about) {
                Some(user) => answer(200, &[], &user.to_string()).into_bytes(),
                None => error(404, "UserNotFound"),
            },
        }
    }

    fn list(&self, place: &str) -> Vec<u8> {
        if self.lost.iter().any(|lost| lost == place) {
            return error(400, "InvalidPageToken");
        }
        let number = place
            .strip_prefix('p')
            .and_then(|n| n.parse::<usize>().ok());
        let number = number.unwrap_or(0);
        let files = self.pages.get(number).cloned().unwrap_or_default();
        let data: Vec<_> = files.iter().map(|id| json!({"id": id})).collect();
        let next = if number < self.pages.len() {
            number + 1
        } else {
            number
        };
        let page = json!({"data": data, "nextPageToken": format!("p{next}")});
        answer(200, &[], &page.to_string()).into_bytes()
    }

    fn file(&self, id: &str) -> Vec<u8> {
        let Some(content) = self.contents.get(id) else {
            return error(404, "LogFileNotFound");
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            content.len()
        );
        [head.as_bytes(), content].concat()
    }
}

fn error(status: u16, name: &str) -> Vec<u8> {
    let body = json!({"errorCode": "X", "errorName": name, "parameters": {"s3cret": "s3cret"}});
    answer(status, &[], &body.to_string()).into_bytes()
}

/// A source that reads the fake, and keeps what a store would keep.
struct Stage {
    api: FoundryApi,
    foundry: Arc<Mutex<Foundry>>,
    clock: Arc<FakeClock>,
    checkpoint: Option<Value>,
    counts: LineCounts,
    /// What was told of each credential.
    told: BTreeMap<String, Dossier>,
    /// Batches that are stored before the reader is dropped.
    die_after: usize,
}

async fn stage(foundry: Foundry) -> Stage {
    let foundry = Arc::new(Mutex::new(foundry));
    let shared = Arc::clone(&foundry);
    let fake = Fake::by(move |request| shared.lock().unwrap().answer(request)).await;
    let clock = Arc::new(FakeClock::at(
        Instant::parse("2026-11-22T09:00:00Z").unwrap(),
    ));
    let bearer = || Bearer::Given(SecretHandle::fixed("a token"));
    let api = FoundryApi {
        source: SourceId::parse("prod").unwrap(),
        organization: "ri.multipass..organization.1".to_owned(),
        since: Some("2026-11-01".to_owned()),
        client: Client {
            base: fake.url("/").parse().unwrap(),
            egress: egress(),
            clock: clock.clone(),
            patience: Duration::from_millis(1),
        },
        audit: bearer(),
        admin: Some(bearer()),
        events: FoundryEvents::configured(None),
    };
    Stage {
        api,
        foundry,
        clock,
        checkpoint: None,
        counts: LineCounts::default(),
        told: BTreeMap::new(),
        die_after: usize::MAX,
    }
}

impl Stage {
    async fn read(&mut self) -> Result<ReadSummary, ConnectorError> {
        let (sender, mut receiver) = mpsc::channel::<Batch>(1);
        let reading = self.api.read(self.checkpoint.clone(), sender);
        let taking = async {
            for _ in 0..self.die_after {
                let Some(batch) = receiver.recv().await else {
                    break;
                };
                self.checkpoint = Some(batch.checkpoint);
                self.counts += batch.counts;
                for observation in batch.observations {
                    let Observation::Event {
                        external_id, facts, ..
                    } = observation
                    else {
                        panic!("a listing")
                    };
                    let known = self.told.entry(external_id).or_default();
                    known.merge(serde_json::from_value(facts).unwrap());
                }
            }
            drop(receiver);
        };
        tokio::join!(reading, taking).0
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.foundry.lock().unwrap().asked)
    }

    fn instead(&self, what: &str, answers: &[String]) {
        let mut foundry = self.foundry.lock().unwrap();
        let all = answers
            .iter()
            .map(|answer| (what.to_owned(), answer.clone()));
        foundry.instead.extend(all);
    }
}

#[tokio::test]
async fn every_file_is_read_once_and_the_place_is_kept() {
    let mut stage = stage(Foundry::with(&[&["a", "b"], &["c"]])).await;
    let summary = stage.read().await.unwrap();
    assert_eq!(
        (summary.read, summary.is_listing, summary.complete),
        (3, false, false)
    );
    assert_eq!(stage.told.len(), 3);
    assert_eq!(
        stage.asked(),
        [
            "list 2026-11-01",
            "file a",
            "user u-1",
            "file b",
            "list p1",
            "file c",
            "list p2"
        ]
    );
    // What came meanwhile, and nothing else.
    stage
        .foundry
        .lock()
        .unwrap()
        .pages
        .push(vec!["d".to_owned()]);
    let text = line("token-d", "u-1").into_bytes();
    stage
        .foundry
        .lock()
        .unwrap()
        .contents
        .insert("d".to_owned(), text);
    assert_eq!(stage.read().await.unwrap().read, 1);
    assert_eq!(stage.asked(), ["list p2", "file d", "list p3"]);
    assert_eq!(stage.counts.read, 4);
}

/// A list without a next page stands at its last one, which is asked for again.
#[tokio::test]
async fn a_last_page_that_grows_gives_only_what_is_new() {
    let page = |ids: &[&str]| {
        let data: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        answer(200, &[], &json!({"data": data}).to_string())
    };
    let mut stage = stage(Foundry::with(&[&["a", "b"]])).await;
    stage.instead("list 2026-11-01", &[page(&["a"]), page(&["a", "b"])]);
    stage.read().await.unwrap();
    stage.read().await.unwrap();
    let files: Vec<_> = stage
        .asked()
        .into_iter()
        .filter(|a| a.starts_with("file"))
        .collect();
    assert_eq!(files, ["file a", "file b"]);
    assert_eq!(stage.counts.read, 2);
}

/// B68: a death anywhere repeats what was under way, and counts nothing twice.
#[tokio::test]
async fn a_death_anywhere_counts_nothing_twice() {
    let pages: [&[&str]; 3] = [&["a", "b"], &["c", "d"], &["e"]];
    for die_after in 0..12 {
        let mut stage = stage(Foundry::with(&pages)).await;
        stage.die_after = die_after;
        let first = stage.read().await;
        assert!(matches!(first, Err(ConnectorError::Stopped) | Ok(_)));
        stage.die_after = usize::MAX;
        stage.read().await.unwrap();
        assert_eq!((stage.counts.read, stage.told.len()), (5, 5), "{die_after}");
        let asked = stage.asked();
        for file in ["a", "b", "c", "d", "e"] {
            let key = format!("file {file}");
            let times = asked.iter().filter(|asked| **asked == key).count();
            assert!(
                (1..=2).contains(&times),
                "{file} {times} times, {die_after}"
            );
        }
    }
}

/// B66: gzip is told by content; what is cut inside its compression counts as far as it goes.
#[tokio::test]
async fn gzip_is_told_by_content_and_a_cut_one_is_used_as_far_as_it_goes() {
    let text: String = (0..3_000).map(|n| line(&format!("t{n}"), "u-1")).collect();
    let whole = gzip(&text);
    let mut foundry = Foundry::with(&[&["a", "cut", "none"]]);
    foundry.contents.insert("a".to_owned(), whole.clone());
    foundry
        .contents
        .insert("cut".to_owned(), whole[..whole.len() / 2].to_vec());
    foundry
        .contents
        .insert("none".to_owned(), whole[..5].to_vec());
    let mut stage = stage(foundry).await;
    let summary = stage.read().await.unwrap();
    assert_eq!(stage.told.len(), 3_000);
    assert!(
        summary.read > 3_000 && summary.read < 6_000,
        "{}",
        summary.read
    );
    assert_eq!(summary.remarks.len(), 1, "{:?}", summary.remarks);
    assert!(summary.remarks[0].contains("ends inside its compression"));
}

/// B62, B63, B65: what cannot be used is counted or listed, never fatal.
#[tokio::test]
async fn strange_lines_are_counted_or_listed_and_never_fatal() {
    let no_end = line("no-end", "u-1").replace("2027-01-01T00:00:00Z", "tomorrow");
    let version = line("v9", "u-1").replace("audit.3", "audit.9");
    let odd_time = line("odd", "u-1").replace("2026-11-20T10:00:00Z", "1700000000000");
    let text = format!("{no_end}{version}{odd_time}not json\n{{}}\n");
    let mut foundry = Foundry::with(&[&["a"]]);
    foundry.contents.insert("a".to_owned(), text.into_bytes());
    let mut stage = stage(foundry).await;
    let summary = stage.read().await.unwrap();
    assert_eq!((summary.read, summary.unreadable), (5, 1));
    assert_eq!(stage.told.keys().collect::<Vec<_>>(), ["no-end", "odd"]);
    assert_eq!(stage.told["no-end"].facts.expires_at(), None);
}

/// F29: a token that the server has forgotten costs a second look at the last whole day.
#[tokio::test]
async fn a_lost_place_is_found_again_from_the_last_whole_day() {
    let mut stage = stage(Foundry::with(&[&["a"], &["b"]])).await;
    stage.read().await.unwrap();
    stage.asked();
    stage.foundry.lock().unwrap().lost.push("p2".to_owned());
    stage.clock.advance(Span::days(1));
    let summary = stage.read().await.unwrap_err();
    // The fake hands out the lost token once more: twice in one read is no accident.
    assert!(
        matches!(summary, ConnectorError::Unreadable(_)),
        "{summary}"
    );
    stage.foundry.lock().unwrap().lost.clear();
    assert_eq!(
        stage.asked(),
        ["list p2", "list 2026-11-20", "list p1", "list p2"]
    );
    let summary = stage.read().await.unwrap();
    assert_eq!(
        (summary.read, stage.counts.read),
        (0, 2),
        "nothing is counted twice"
    );
}

#[tokio::test]
async fn the_remark_names_the_day_from_which_it_is_read_again() {
    let mut stage = stage(Foundry::with(&[&["a"]])).await;
    stage.read().await.unwrap();
    stage.instead(
        "list p1",
        &[String::from_utf8(error(410, "InvalidPageToken")).unwrap()],
    );
    let summary = stage.read().await.unwrap();
    assert_eq!(
        summary.remarks,
        ["the place in the list was not known any more; it is read again from 2026-11-20"]
    );
}

/// B69: each class of refusal, and nothing of the answer in the error.
#[tokio::test]
async fn refusals_have_their_class_and_repeat_nothing() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let page = "<html>sign in, s3cret</html>";
    for (given, class) in [
        (text(error(401, "s3cret")), "auth"),
        (text(error(403, "ListLogFilesPermissionDenied")), "auth"),
        (
            answer(200, &[("content-type", "text/html")], page),
            "unreadable",
        ),
        (answer(200, &[], "{}"), "unreadable"),
        (
            answer(302, &[("location", "http://s3cret/")], ""),
            "unreadable",
        ),
        (text(error(404, "OrganizationNotFound")), "unreadable"),
        (text(error(400, "MissingStartDate")), "unreadable"),
        (answer(429, &[("retry-after", "301")], page), "unavailable"),
    ] {
        let mut stage = stage(Foundry::with(&[&["a"]])).await;
        stage.instead("list 2026-11-01", &[given.clone(), given.clone()]);
        let error = stage.read().await.unwrap_err();
        let found = match &error {
            ConnectorError::Auth(_) => "auth",
            ConnectorError::Unreadable(_) => "unreadable",
            ConnectorError::Unavailable(_) => "unavailable",
            ConnectorError::Stopped | ConnectorError::NoPreview => "stopped",
        };
        assert_eq!(found, class, "{given}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
        assert!(stage.checkpoint.is_none(), "nothing was read");
    }
}

/// B69: a page of a sign-in that comes in place of a file is no empty file.
#[tokio::test]
async fn a_web_page_in_place_of_a_file_ends_the_read_before_it_counts() {
    let mut stage = stage(Foundry::with(&[&["a", "b"]])).await;
    let page = answer(
        200,
        &[("content-type", "text/html; charset=utf-8")],
        "<html>",
    );
    stage.instead("file b", &[page]);
    let error = stage.read().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unreadable(_)), "{error}");
    stage.read().await.unwrap();
    assert_eq!(stage.counts.read, 2);
}

#[tokio::test]
async fn failures_that_pass_are_tried_again() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"type\"".to_owned();
    let mut stage = stage(Foundry::with(&[&["a", "b"]])).await;
    stage.instead("list 2026-11-01", &[answer(503, &[], "")]);
    stage.instead("file a", &[broken, answer(500, &[], "")]);
    stage.read().await.unwrap();
    assert_eq!((stage.counts.read, stage.told.len()), (2, 2));
}

#[tokio::test]
async fn a_file_that_stays_unreadable_holds_the_page_but_not_the_others() {
    let mut stage = stage(Foundry::with(&[&["a", "b"], &["c"]])).await;
    let broken = answer(500, &[], "");
    stage.instead("file a", &[broken.clone(), broken.clone(), broken]);
    let error = stage.read().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unavailable(_)), "{error}");
    assert_eq!(stage.told.keys().collect::<Vec<_>>(), ["token-b"]);
    stage.asked();
    stage.read().await.unwrap();
    assert_eq!(stage.asked()[..2], ["list 2026-11-01", "file a"]);
    assert_eq!((stage.counts.read, stage.told.len()), (3, 3));
}

#[tokio::test]
async fn a_file_that_is_gone_is_passed_over_with_a_remark() {
    let mut foundry = Foundry::with(&[&["a", "b"]]);
    foundry.contents.remove("a");
    let mut stage = stage(foundry).await;
    let summary = stage.read().await.unwrap();
    assert_eq!((summary.read, summary.remarks.len()), (1, 1));
}

/// B69: a list that goes round in circles ends.
#[tokio::test]
async fn a_list_that_goes_round_ends_with_a_remark() {
    let round = |next: &str| {
        let page = json!({"data": [{"id": "a"}], "nextPageToken": next});
        answer(200, &[], &page.to_string())
    };
    let mut stage = stage(Foundry::with(&[&["a"]])).await;
    for (what, next) in [
        ("list 2026-11-01", "p7"),
        ("list p7", "p8"),
        ("list p8", "p7"),
    ] {
        stage.instead(what, &[round(next)]);
    }
    let summary = stage.read().await.unwrap();
    assert!(
        summary.remarks[0].contains("came twice"),
        "{:?}",
        summary.remarks
    );
    assert_eq!(stage.counts.read, 1);
}

/// B69: a limit that lasts longer than a read waits keeps what was read.
#[tokio::test]
async fn a_long_limit_keeps_what_was_read() {
    let mut stage = stage(Foundry::with(&[&["a", "b"]])).await;
    stage.instead("file b", &[answer(429, &[("retry-after", "3600")], "")]);
    let summary = stage.read().await.unwrap();
    assert_eq!((summary.read, stage.told.len()), (1, 1));
    assert!(
        summary.remarks[0].contains("3600 s"),
        "{:?}",
        summary.remarks
    );
    stage.read().await.unwrap();
    assert_eq!(stage.counts.read, 2);
}

#[tokio::test]
async fn a_refused_token_is_read_anew_once() {
    let mut stage = stage(Foundry::with(&[&["a"]])).await;
    let reads = std::sync::atomic::AtomicUsize::new(0);
    stage.api.audit = Bearer::Given(SecretHandle::new(move || {
        let turn = reads.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(domain::kernel::Secret::new(format!("token-{turn}")))
    }));
    stage.instead("list 2026-11-01", &[answer(401, &[], "")]);
    stage.read().await.unwrap();
    let twice = [answer(401, &[], ""), answer(401, &[], "")];
    stage.instead("list p1", &twice);
    assert!(matches!(stage.read().await, Err(ConnectorError::Auth(_))));
}

fn ada() -> Value {
    json!({"id": "u-1", "username": "ada", "givenName": "Ada", "familyName": "Lovelace",
        "email": "ada@example.org", "realm": "palantir-internal-realm", "attributes": {"s3cret": ["s3cret"]}})
}

#[tokio::test]
async fn owners_get_name_and_address_and_are_looked_up_once_a_week() {
    let mut foundry = Foundry::with(&[&["a", "b"]]);
    foundry.users.insert("u-1".to_owned(), ada());
    let mut stage = stage(foundry).await;
    stage.read().await.unwrap();
    for dossier in stage.told.values() {
        let owner = dossier.owner().unwrap();
        assert_eq!(owner.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(owner.email.as_deref(), Some("ada@example.org"));
    }
    let users = |stage: &Stage| {
        stage
            .asked()
            .iter()
            .filter(|a| a.starts_with("user"))
            .count()
    };
    assert_eq!(users(&stage), 1);
    let grow = |stage: &mut Stage, file: &str| {
        let mut foundry = stage.foundry.lock().unwrap();
        foundry.pages.push(vec![file.to_owned()]);
        let text = line(file, "u-1").into_bytes();
        foundry.contents.insert(file.to_owned(), text);
    };
    stage
        .clock
        .advance(Span::from_micros(Span::days(7).as_micros() - 1));
    grow(&mut stage, "c");
    stage.read().await.unwrap();
    assert_eq!(users(&stage), 0);
    stage.clock.advance(Span::from_micros(1));
    grow(&mut stage, "d");
    stage.read().await.unwrap();
    assert_eq!(users(&stage), 1);
    let kept = stage.checkpoint.unwrap().to_string();
    assert!(
        !kept.contains("s3cret") && !kept.contains("realm"),
        "{kept}"
    );
}

#[tokio::test]
async fn a_directory_that_refuses_costs_names_and_is_asked_again_with_the_next_read() {
    let mut foundry = Foundry::with(&[&["a", "b"]]);
    foundry.users.insert("u-1".to_owned(), ada());
    let mut stage = stage(foundry).await;
    let refusal = String::from_utf8(error(403, "ApiUsageDenied")).unwrap();
    stage.instead("user u-1", &[refusal]);
    let summary = stage.read().await.unwrap();
    assert!(summary.remarks[0].starts_with("names of owners cannot be looked up"));
    let owner = stage.told["token-a"].owner().unwrap();
    assert_eq!((owner.id.as_str(), owner.email), ("u-1", None));
    assert_eq!(
        stage
            .asked()
            .iter()
            .filter(|a| a.starts_with("user"))
            .count(),
        1
    );
    assert!(stage.read().await.unwrap().remarks.is_empty());
    for dossier in stage.told.values() {
        assert_eq!(
            dossier.owner().unwrap().email.as_deref(),
            Some("ada@example.org")
        );
    }
}

#[tokio::test]
async fn a_user_who_is_gone_stays_an_id_and_is_not_asked_for_again() {
    let mut stage = stage(Foundry::with(&[&["a", "b"]])).await;
    assert!(stage.read().await.unwrap().remarks.is_empty());
    assert_eq!(
        stage
            .asked()
            .iter()
            .filter(|a| a.starts_with("user"))
            .count(),
        1
    );
    assert_eq!(stage.told["token-a"].owner().unwrap().id, "u-1");
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_asked_of_nobody() {
    let page = json!({"data": [{"id": ".."}, {"id": "a/../b?x"}]});
    let mut stage = stage(Foundry::default()).await;
    stage.instead("list 2026-11-01", &[answer(200, &[], &page.to_string())]);
    let summary = stage.read().await.unwrap();
    assert_eq!(summary.remarks.len(), 1);
    assert_eq!(stage.asked(), ["list 2026-11-01", "file a%2F..%2Fb%3Fx"]);
}

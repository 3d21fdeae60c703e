//! A fake of three trackers: keeps issues in memory and speaks as each documents it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http_fake::{HttpFake, Received, answer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    Github,
    Gitlab,
    Jira,
}

#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub title: String,
    pub body: String,
    pub labels: String,
    pub open: bool,
    pub comments: Vec<String>,
}

pub struct TrackerFake {
    http: HttpFake,
    tickets: Arc<Mutex<Vec<Kept>>>,
}

impl TrackerFake {
    pub async fn start(vendor: Vendor) -> Self {
        let tickets = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&tickets);
        let http = HttpFake::script(move |request, _| {
            let mut tickets = shared.lock().unwrap();
            let (status, body) = match vendor {
                Vendor::Github => github(request, &mut tickets),
                Vendor::Gitlab => gitlab(request, &mut tickets),
                Vendor::Jira => jira(request, &mut tickets),
            };
            answer(status, &body)
        })
        .await;
        Self { http, tickets }
    }

    pub fn url(&self) -> String {
        self.http.base()
    }

    pub fn kept(&self) -> Vec<Kept> {
        self.tickets.lock().unwrap().clone()
    }

    pub fn change(&self, change: impl FnOnce(&mut Vec<Kept>)) {
        change(&mut self.tickets.lock().unwrap());
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn set(ticket: &mut Kept, title: &Value, body: &Value) {
    if let Some(title) = title.as_str() {
        ticket.title = title.to_owned();
    }
    if let Some(body) = body.as_str() {
        ticket.body = body.to_owned();
    }
}

/// `POST /path?query` after the prefix, in its parts.
fn split<'a>(request: &'a Received, prefix: &str) -> (&'a str, Vec<&'a str>) {
    let (method, path) = request.line().split_once(' ').unwrap();
    let path = path.split('?').next().unwrap();
    let rest = path
        .strip_prefix(prefix)
        .unwrap_or_else(|| panic!("{path}"));
    (method, rest.split('/').filter(|p| !p.is_empty()).collect())
}

fn github(request: &Received, tickets: &mut Vec<Kept>) -> (u16, Value) {
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ")
    );
    assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
    let (method, parts) = split(request, "/repos/acme/ops/issues");
    let shown = |n: usize, t: &Kept| {
        json!({ "number": n + 1, "title": t.title, "body": t.body,
                "state": if t.open { "open" } else { "closed" } })
    };
    match (method, parts.as_slice()) {
        ("GET", []) => {
            let open = tickets.iter().enumerate().filter(|(_, t)| t.open);
            (200, open.map(|(n, t)| shown(n, t)).collect())
        }
        ("POST", []) => {
            let said = request.json();
            tickets.push(Kept {
                open: true,
                labels: text(&said["labels"]),
                ..Kept::default()
            });
            set(tickets.last_mut().unwrap(), &said["title"], &said["body"]);
            (201, json!({ "number": tickets.len() }))
        }
        (_, [number, rest @ ..]) => {
            let n = number.parse::<usize>().unwrap() - 1;
            let Some(ticket) = tickets.get_mut(n) else {
                return (410, json!({ "message": "This issue was deleted" }));
            };
            if method == "POST" {
                assert_eq!(rest, ["comments"]);
                ticket.comments.push(text(&request.json()["body"]));
                return (201, json!({}));
            }
            if method == "PATCH" {
                let said = request.json();
                set(ticket, &said["title"], &said["body"]);
                if let Some(state) = said["state"].as_str() {
                    ticket.open = state == "open";
                }
            }
            (200, shown(n, ticket))
        }
        other => panic!("{other:?}"),
    }
}

fn gitlab(request: &Received, tickets: &mut Vec<Kept>) -> (u16, Value) {
    assert!(request.header("private-token").is_some());
    let (method, parts) = split(request, "/api/v4/projects/acme%2Fops/issues");
    let shown = |n: usize, t: &Kept| {
        json!({ "iid": n + 1, "title": t.title, "description": t.body,
                "state": if t.open { "opened" } else { "closed" } })
    };
    match (method, parts.as_slice()) {
        ("GET", []) => {
            let open = tickets.iter().enumerate().filter(|(_, t)| t.open);
            (200, open.map(|(n, t)| shown(n, t)).collect())
        }
        ("POST", []) => {
            let said = request.json();
            assert_eq!(said["due_date"].as_str().map_or(10, str::len), 10);
            tickets.push(Kept {
                open: true,
                labels: text(&said["labels"]),
                ..Kept::default()
            });
            set(
                tickets.last_mut().unwrap(),
                &said["title"],
                &said["description"],
            );
            (201, json!({ "iid": tickets.len() }))
        }
        (_, [number, rest @ ..]) => {
            let n = number.parse::<usize>().unwrap() - 1;
            let Some(ticket) = tickets.get_mut(n) else {
                return (404, json!({ "message": "404 Not found" }));
            };
            if method == "POST" {
                assert_eq!(rest, ["notes"]);
                ticket.comments.push(text(&request.json()["body"]));
                return (201, json!({}));
            }
            if method == "PUT" {
                let said = request.json();
                set(ticket, &said["title"], &said["description"]);
                if let Some(event) = said["state_event"].as_str() {
                    ticket.open = event == "reopen";
                }
            }
            (200, shown(n, ticket))
        }
        other => panic!("{other:?}"),
    }
}

fn jira(request: &Received, tickets: &mut Vec<Kept>) -> (u16, Value) {
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    let (method, parts) = split(request, "/rest/api/2");
    match (method, parts.as_slice()) {
        ("POST", ["search", "jql"]) => {
            let jql = text(&request.json()["jql"]);
            let ours = |t: &&(usize, &Kept)| {
                let labels: Vec<String> = serde_json::from_str(&t.1.labels).unwrap();
                t.1.open
                    && labels
                        .iter()
                        .any(|l| jql.contains(&format!("labels = \"{l}\"")))
            };
            let all: Vec<_> = tickets.iter().enumerate().collect();
            let found = all.iter().filter(ours);
            let keys = found.map(|(n, _)| json!({ "key": format!("OPS-{}", n + 1) }));
            (200, json!({ "issues": keys.collect::<Vec<_>>() }))
        }
        ("POST", ["issue"]) => {
            let fields = &request.json()["fields"];
            assert_eq!(fields["project"]["key"], "OPS");
            assert_eq!(fields["issuetype"]["name"], "Task");
            tickets.push(Kept {
                open: true,
                labels: text(&fields["labels"]),
                ..Kept::default()
            });
            set(
                tickets.last_mut().unwrap(),
                &fields["summary"],
                &fields["description"],
            );
            (
                201,
                json!({ "id": "10000", "key": format!("OPS-{}", tickets.len()) }),
            )
        }
        (_, ["issue", key, rest @ ..]) => {
            let n = key.strip_prefix("OPS-").unwrap().parse::<usize>().unwrap() - 1;
            let Some(ticket) = tickets.get_mut(n) else {
                return (404, json!({ "errorMessages": ["Issue does not exist"] }));
            };
            jira_issue(method, rest, request, ticket)
        }
        other => panic!("{other:?}"),
    }
}

fn jira_issue(method: &str, rest: &[&str], request: &Received, ticket: &mut Kept) -> (u16, Value) {
    let to = |id: &str, category: &str| json!({ "id": id, "to": { "statusCategory": { "key": category } } });
    match (method, rest) {
        ("GET", ["transitions"]) => (
            200,
            json!({ "transitions": [to("11", "indeterminate"), to("31", "done")] }),
        ),
        ("POST", ["transitions"]) => {
            ticket.open = request.json()["transition"]["id"] == "11";
            (204, json!({}))
        }
        ("POST", ["comment"]) => {
            ticket.comments.push(text(&request.json()["body"]));
            (201, json!({}))
        }
        ("PUT", []) => {
            let fields = &request.json()["fields"];
            set(ticket, &fields["summary"], &fields["description"]);
            (204, json!({}))
        }
        ("GET", []) => {
            let category = if ticket.open { "new" } else { "done" };
            (
                200,
                json!({ "fields": { "status": { "statusCategory": { "key": category } } } }),
            )
        }
        other => panic!("{other:?}"),
    }
}

//! What each way says of itself, as docs/delivery.md has it: what counts as heard, who is told
//! by itself, and where a repeat is dropped.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use app::memory::PassingMemory;
use app::ports::{Channel, ChannelMemory};
use channels::smtp::{Limits, Server, TlsMode};
use channels::ticket::{GithubSettings, GitlabSettings, JiraLogin, JiraSettings};
use channels::webhook::Format;
use channels::{
    AlertmanagerChannel, AlertmanagerSettings, CommandChannel, CommandSettings, EmailChannel,
    EmailSettings, OutboxChannel, PagerDutyChannel, PagerDutySettings, SlackChannel, SlackSettings,
    TicketChannel, WebhookChannel, WebhookSettings,
};
use domain::kernel::{ChannelId, Secret};
use support::{ROOMS, egress};

const URL: &str = "http://127.0.0.1:9000/";

fn id() -> ChannelId {
    ChannelId::parse("way").unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn memory() -> Arc<dyn ChannelMemory> {
    Arc::new(PassingMemory::default())
}

fn webhook(format: Format) -> WebhookChannel {
    let settings = WebhookSettings {
        format,
        secrets: vec![secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")],
        topic: Some(secret("topic")),
        ..WebhookSettings::new(id(), secret(URL))
    };
    WebhookChannel::new(&settings, egress(None, 700)).unwrap()
}

fn command(reaches_persons: bool) -> CommandChannel {
    CommandChannel::new(CommandSettings {
        id: id(),
        program: "/bin/sh".into(),
        args: Vec::new(),
        timeout: Duration::from_secs(1),
        reaches_persons,
    })
    .unwrap()
}

fn email() -> EmailChannel {
    let limit = Duration::from_secs(1);
    let server = Server {
        host: "localhost".to_owned(),
        port: 25,
        tls: TlsMode::StartTls,
        login: None,
        hello: "forewarn.example.org".to_owned(),
        limits: Limits {
            command: limit,
            message: limit,
        },
    };
    let from = "tokens@example.org".to_owned();
    let settings = EmailSettings {
        id: id(),
        server,
        from,
    };
    EmailChannel::new(settings, egress(None, 700)).unwrap()
}

fn slack() -> SlackChannel {
    let settings = SlackSettings {
        id: id(),
        url: URL.to_owned(),
        token: secret("xoxb-1-2-abc"),
        room: "C0123456789".to_owned(),
        signing_secret: None,
    };
    SlackChannel::new(settings, &egress(None, 700), memory()).unwrap()
}

fn pager() -> PagerDutyChannel {
    let settings = PagerDutySettings {
        id: id(),
        url: URL.to_owned(),
        routing_key: secret("0123456789abcdef0123456789ABCDEF"),
    };
    PagerDutyChannel::new(settings, &egress(None, 700), memory()).unwrap()
}

fn alertmanager() -> AlertmanagerChannel {
    let settings = AlertmanagerSettings {
        id: id(),
        urls: vec![URL.to_owned()],
        token: None,
    };
    AlertmanagerChannel::new(&settings, &egress(None, 700), memory()).unwrap()
}

fn tickets() -> [TicketChannel; 3] {
    let (url, token, egress) = (URL.to_owned(), secret("t0ken"), egress(None, 700));
    let github = GithubSettings {
        id: id(),
        url: url.clone(),
        repository: "acme/ops".to_owned(),
        token: token.clone(),
    };
    let gitlab = GitlabSettings {
        id: id(),
        url: url.clone(),
        project: "acme/ops".to_owned(),
        token: token.clone(),
    };
    let login = JiraLogin::Cloud {
        username: "bot@acme.example".to_owned(),
        token,
    };
    let jira = JiraSettings {
        id: id(),
        url,
        project: "OPS".to_owned(),
        issue_type: "Task".to_owned(),
        login,
    };
    [
        TicketChannel::github(github, &egress, memory()).unwrap(),
        TicketChannel::gitlab(gitlab, &egress, memory()).unwrap(),
        TicketChannel::jira(jira, &egress, memory()).unwrap(),
    ]
}

/// S1, T23: what a program, a list or another notifier accepted was heard by nobody; where a
/// person is reached, a repeat would show, except in a pager that drops it. `heard`, `shared`,
/// `drops repeats`.
#[test]
fn each_way_says_whom_it_reaches_and_whether_it_drops_repeats() {
    let mut all: Vec<(&str, Box<dyn Channel>, [bool; 3])> = vec![
        ("email", Box::new(email()), [true, false, false]),
        ("slack bot", Box::new(slack()), [true, true, false]),
        ("pager", Box::new(pager()), [true, true, true]),
        (
            "alertmanager",
            Box::new(alertmanager()),
            [false, true, true],
        ),
        ("command", Box::new(command(false)), [false, true, false]),
        (
            "command to persons",
            Box::new(command(true)),
            [true, true, false],
        ),
        (
            "folder",
            Box::new(OutboxChannel::new(id(), None)),
            [true, false, true],
        ),
    ];
    for ticket in tickets() {
        all.push(("ticket", Box::new(ticket), [false, true, true]));
    }
    for format in [Format::Standard, Format::CloudEvents, Format::Alertmanager] {
        all.push(("program", Box::new(webhook(format)), [false, true, true]));
    }
    for format in ROOMS {
        all.push(("room", Box::new(webhook(format)), [true, true, false]));
    }
    for (name, way, want) in all {
        let says = [way.reaches_persons(), way.is_shared(), way.is_idempotent()];
        assert_eq!(says, want, "{name} {}", way.kind());
    }
}

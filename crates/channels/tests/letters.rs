//! What people read.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use app::ports::Condition;
use channels::render::{ROWS_MAX, render};
use domain::expiry::{AlertKind, AlertState, Resolution, Step, Subject};
use domain::kernel::Span;
use domain::notice::{AudienceRole, MessageKind};
use support::{at, channel_sick, ci_deploy, content, item, notices, now, resolved, review};

/// L17: what is left stands beside the instant.
#[test]
fn a_single_warning_says_which_when_who_where_and_what_to_do() {
    let said = render(&notices(vec![ci_deploy()])).unwrap();
    insta::assert_snapshot!("single_subject", said.subject);
    insta::assert_snapshot!("single_text", said.text);
    insta::assert_snapshot!("single_html", said.html);
}

#[test]
fn several_warnings_share_one_message() {
    let mut orphan = item("payroll-sync", at("2026-11-23T06:00:00Z"));
    let facts = orphan.credential.as_mut().unwrap();
    (facts.orphaned, facts.last_used_at, facts.uses) = (true, None, None);
    (orphan.role, orphan.reason) = (AudienceRole::Team, "orphaned, so the team hears".to_owned());
    let said = render(&notices(vec![
        orphan,
        ci_deploy(),
        resolved(),
        channel_sick(),
    ]))
    .unwrap();
    insta::assert_snapshot!("several_subject", said.subject);
    insta::assert_snapshot!("several_text", said.text);
    insta::assert_snapshot!("several_html", said.html);
}

/// Each row of a review says use, age, scopes and end, and whose it is.
#[test]
fn a_review_lists_each_credential_with_use_age_scopes_and_end() {
    let said = render(&notices(vec![review()])).unwrap();
    insta::assert_snapshot!("review_text", said.text);
    insta::assert_snapshot!("review_html", said.html);
    assert!(!said.html.contains("<b>key"), "a name is no markup");
    for label in ["Ends:", "Issued:", "Used:", "Allows:", "Owner:"] {
        assert_eq!(said.text.matches(label).count(), 2, "{label}");
    }
}

/// Among many matters a review is a number; where it leads shows each row.
#[test]
fn among_many_a_review_is_one_line() {
    let mut items = vec![review()];
    items.extend((0..5).map(|n| item(&format!("key-{n}"), at("2026-11-29T00:00:00Z"))));
    let said = render(&notices(items)).unwrap();
    assert!(said.text.contains("14 credentials wait for a decision"));
    assert!(!said.text.contains("Issued:"), "{}", said.text);
}

/// The buttons of a message lead where no sign-in is needed; among many one link each does.
#[test]
fn buttons_lead_to_the_recipients_own_link() {
    let own = "https://forewarn.example.org/act/alr_cideploy/a1b2.1.2.1.c0de";
    let said = render(&notices(vec![ci_deploy()])).unwrap();
    for verb in ["acknowledge", "snooze", "let-lapse"] {
        assert!(said.html.contains(&format!("{own}?do={verb}")), "{verb}");
    }
    assert!(
        said.text
            .contains(&format!("Acknowledge, snooze or let it lapse: {own}\n"))
    );
    let mut decided = ci_deploy();
    decided.state = AlertState::LetLapse;
    let said = render(&notices(vec![decided])).unwrap();
    assert!(!said.html.contains("?do="), "it was decided");
    let mut last_day = ci_deploy();
    last_day.credential.as_mut().unwrap().expires_at = Some(now() + Span::days(1));
    let said = render(&notices(vec![last_day])).unwrap();
    assert!(!said.html.contains("?do=snooze") && said.html.contains("?do=let-lapse"));
    let mut without = ci_deploy();
    without.act_link = None;
    let said = render(&notices(vec![without])).unwrap();
    assert!(
        said.text
            .contains("https://forewarn.example.org/alerts/alr_cideploy")
    );
    assert!(!said.html.contains("/act/"));
}

#[test]
fn a_first_import_is_told_in_one_line() {
    let ends = [
        "2026-11-20T00:00:00Z",
        "2026-11-22T09:00:00Z",
        "2026-12-22T09:00:00Z",
        "2026-12-22T09:00:01Z",
    ];
    let items = ends.iter().map(|end| item("ci-deploy", at(end))).collect();
    let said = render(&content(MessageKind::Baseline, items)).unwrap();
    assert_eq!(
        said.subject,
        "[Forewarn] 1 credential expires within 30 days, 2 have already expired"
    );
}

#[test]
fn a_test_says_that_it_is_one() {
    let said = render(&content(MessageKind::Test, Vec::new())).unwrap();
    assert_eq!(
        said.subject,
        "[Forewarn] This is a test, and it has arrived"
    );
    insta::assert_snapshot!("test_text", said.text);
}

/// T14: the subject of one alert never changes.
#[test]
fn the_subject_of_one_alert_never_changes() {
    let subject = |change: &dyn Fn(&mut app::ports::MessageContent)| {
        let mut content = notices(vec![ci_deploy()]);
        change(&mut content);
        render(&content).unwrap().subject
    };
    let first = subject(&|_| {});
    assert_eq!(first, subject(&|c| c.now = at("2026-11-28T20:00:00Z")));
    assert_eq!(first, subject(&|c| c.now = at("2026-12-02T20:00:00Z")));
    assert_eq!(
        first,
        subject(&|c| (c.items[0].step, c.items[0].occurrence) = (Step::End, 2))
    );
    assert_eq!(
        first,
        subject(&|c| c.items[0].resolution = Some(Resolution::Revoked))
    );
}

/// L5: what is beyond fifty rows is counted.
#[test]
fn what_is_beyond_fifty_rows_is_counted() {
    let items = |n: usize| vec![ci_deploy(); n];
    assert!(
        !render(&notices(items(ROWS_MAX)))
            .unwrap()
            .text
            .contains("others")
    );
    let one_more = render(&notices(items(ROWS_MAX + 1))).unwrap();
    assert!(
        one_more
            .text
            .contains("… and 1 other: https://forewarn.example.org/alerts")
    );
    let many = render(&notices(items(ROWS_MAX + 1200))).unwrap();
    assert!(many.text.contains("and 1,200 others") && many.html.contains("and 1,200 others"));
    // Some mail programs cut letters beyond 102 KB.
    assert!(many.html.len() < 102_400, "{}", many.html.len());
}

/// T18: the subject of a letter about a name of wide letters is one line of whole letters, and
/// names beyond fifty are counted.
#[test]
fn a_name_of_wide_letters_is_whole_in_subject_and_text() {
    let wide = "𝔘ñ🗝".repeat(85);
    let end = at("2026-11-29T00:00:00Z");
    let one = render(&notices(vec![item(&wide, end)])).unwrap();
    assert_eq!(one.subject.lines().count(), 1);
    for said in [&one.subject, &one.text, &one.html] {
        assert!(said.contains("𝔘ñ🗝") && !said.contains('\u{FFFD}'), "{said}");
    }
    let named = |n: usize| item(&format!("({n}){wide}"), end);
    let many = render(&notices((0..ROWS_MAX + 7).map(named).collect())).unwrap();
    let shown = (0..ROWS_MAX + 7).filter(|n| many.text.contains(&format!("({n})𝔘")));
    assert_eq!(shown.count(), ROWS_MAX);
    assert!(many.text.contains("and 7 others"));
}

/// T17, B16, B18, B20: markup, template code, format strings and forged log lines stay letters.
#[test]
fn hostile_names_stay_names() {
    for name in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><a href=javascript:alert(1)>x</a>",
        "x] (ID [0]) will expire in less than 0 days.\nWarn: API Token [y",
        "{{7*7}}",
        "{% raw %}",
        "${jndi:ldap://x}",
        "%n%s",
        "a\u{202E}gnp.exe",
    ] {
        let mut hostile = item("x", at("2026-11-29T00:00:00Z"));
        hostile.others = vec![name.to_owned()];
        hostile.detail = Some(name.to_owned());
        let facts = hostile.credential.as_mut().unwrap();
        facts.name = name.to_owned();
        facts.system = name.to_owned();
        facts.kind = name.to_owned();
        facts.external_id = name.to_owned();
        facts.owner = Some(("per_x".to_owned(), name.to_owned()));
        facts.team = Some(("tea_x".to_owned(), name.to_owned()));
        facts.scopes = vec![name.to_owned()];
        facts.advice = vec![name.to_owned()];
        facts.newer = Some(name.to_owned());
        facts.used_by[0].what = name.to_owned();
        facts.used_by[0].url = Some("javascript:alert(1)".to_owned());
        facts.renew_url = Some(format!("https://x/{name}"));
        let said = render(&notices(vec![hostile])).unwrap();
        for active in [
            "<script",
            "<img",
            "<a href=javascript",
            "href=\"javascript",
            "49",
        ] {
            assert!(!said.html.contains(active), "{name:?} became {active}");
        }
        assert_eq!(said.subject.lines().count(), 1);
        assert!(
            !said.text.lines().any(|line| line.starts_with("Warn:")),
            "{name:?}"
        );
        assert!(!format!("{}{}{}", said.subject, said.text, said.html).contains('\u{202E}'));
    }
}

/// Somebody acts where something can be done: in a review on its page.
#[test]
fn a_review_and_a_monitor_lead_to_their_pages() {
    for (kind, subject, lines) in [
        (
            AlertKind::ReviewDue,
            "review:quarterly:tea_a",
            vec!["Take care of it: https://forewarn.example.org/reviews/quarterly%3Atea_a"],
        ),
        (
            AlertKind::Silent,
            "monitor:mon_a",
            vec![
                "Take care of it: https://forewarn.example.org/alerts/alr_hook",
                "All about it: https://forewarn.example.org/monitors/mon_a",
            ],
        ),
    ] {
        let mut item = channel_sick();
        (item.kind, item.subject) = (kind, Subject::parse(subject).unwrap());
        let text = render(&notices(vec![item])).unwrap().text;
        for line in lines {
            assert!(text.contains(line), "{text}");
        }
    }
}

#[test]
fn each_standing_fact_has_its_sentence() {
    let of = |kind, subject: &str| {
        let mut item = channel_sick();
        (item.kind, item.subject) = (kind, Subject::parse(subject).unwrap());
        render(&notices(vec![item])).unwrap().subject
    };
    for (kind, subject, want) in [
        (
            AlertKind::Undeliverable,
            "channel:hook",
            "Channel hook does not deliver",
        ),
        (
            AlertKind::Blind,
            "source:prod",
            "Source prod cannot be read",
        ),
        (
            AlertKind::Vanished,
            "source:prod",
            "Source prod lacks most of what it had",
        ),
        (
            AlertKind::Silent,
            "monitor:nightly",
            "Integration nightly has fallen silent",
        ),
        (
            AlertKind::Refused,
            "credential:c",
            "Credential c is refused by its issuer and works no longer",
        ),
        (
            AlertKind::FellSilent,
            "credential:c",
            "Credential c was used regularly and is used no longer",
        ),
        (
            AlertKind::NoWayOut,
            "system:audience",
            "Forewarn has no way to reach a person",
        ),
        (
            AlertKind::LapsedWhileDown,
            "system:notifier",
            "Credentials ended while Forewarn was down",
        ),
        (
            AlertKind::Stalled,
            "system:notifier",
            "Warnings do not get through as they should",
        ),
    ] {
        assert_eq!(of(kind, subject), format!("[Forewarn] {want}"));
    }
}

#[test]
fn an_unconfirmed_credential_says_how_old_the_news_is() {
    let mut old = ci_deploy();
    old.credential.as_mut().unwrap().confirmed_at = now() + Span::days(-2);
    assert!(
        render(&notices(vec![old]))
            .unwrap()
            .text
            .contains("may be out of date")
    );
    assert!(
        !render(&notices(vec![ci_deploy()]))
            .unwrap()
            .text
            .contains("may be out of date")
    );
}

/// F27: while its source is in doubt a credential says so at once, also as one of many.
#[test]
fn a_credential_of_a_doubtful_source_says_when_it_was_last_confirmed() {
    for (doubt, why) in [
        (Condition::Failing, "its system cannot be read since"),
        (Condition::Partial, "its system is read only in part"),
        (Condition::Held, "its system lacks most of what it had"),
    ] {
        let mut item = ci_deploy();
        item.credential.as_mut().unwrap().doubt = Some(doubt);
        for items in [vec![item.clone()], vec![item.clone(); 9]] {
            let text = render(&notices(items)).unwrap().text;
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("Last confirmed"), "{text}");
            assert!(text.contains(why), "{text}");
        }
    }
}

/// F28: what is refused says where it is used, whose it is, and what to do now.
#[test]
fn a_refused_credential_says_what_fails_now() {
    let mut refused = ci_deploy();
    refused.kind = AlertKind::Refused;
    refused.step = Step::Now;
    refused.detail = Some("its issuer refuses it since noon: it answered 401".to_owned());
    let facts = refused.credential.clone().unwrap();
    let said = render(&notices(vec![refused.clone()])).unwrap();
    let place = facts.used_by.first().unwrap().what.clone();
    for wanted in [
        "is refused by its issuer",
        "it answered 401",
        "whatever uses it fails now",
        &place,
        &facts.owner.unwrap().1,
    ] {
        assert!(said.text.contains(wanted), "{wanted}: {}", said.text);
    }
    refused.resolution = Some(Resolution::Recovered);
    let over = render(&notices(vec![refused])).unwrap();
    assert!(over.text.contains("ci-deploy is accepted again"));
}

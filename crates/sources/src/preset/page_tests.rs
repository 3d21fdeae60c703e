//! Where does the turning of pages end, whatever a server answers?

use super::*;
use serde_json::json;

/// Walks pages that `serve` makes from turns, and says which turns were taken.
struct Walk {
    turns: Vec<String>,
    ended: Next,
}

fn walk(
    paging: &str,
    items: impl Fn(&Value) -> u64,
    mut serve: impl FnMut(usize) -> (Value, Option<&'static str>),
) -> Walk {
    let table: BTreeMap<String, Paging> = toml::from_str(&format!("p = {paging}")).unwrap();
    let paging = &table["p"];
    let mut pages = Pages::new(paging);
    let base = Url::parse("https://x.example/list?a=1").unwrap();
    let (mut turn, mut turns) = (paging.first(), Vec::new());
    loop {
        let (body, link) = serve(turns.len());
        turns.push(shown(&turn));
        let headers: BTreeMap<String, String> = link
            .map(|link| ("link".to_owned(), link.to_owned()))
            .into_iter()
            .collect();
        let bytes = body.to_string();
        let scope = Scope::whole(&body, &headers);
        let url = turn.url.clone().unwrap_or_else(|| base.clone());
        let page = Page {
            scope,
            bytes: bytes.as_bytes(),
            items: items(&body),
            url: &url,
        };
        match pages.after(&page) {
            Next::Turn(next) => turn = *next,
            ended => return Walk { turns, ended },
        }
        assert!(turns.len() < 100_000, "it never ends");
    }
}

fn shown(turn: &Turn) -> String {
    let pairs: Vec<String> = turn
        .query
        .iter()
        .chain(&turn.body)
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    let url = turn.url.as_ref().map(Url::as_str).unwrap_or_default();
    format!(
        "{url}{}{}",
        pairs.join("&"),
        if turn.alone { " alone" } else { "" }
    )
}

fn length(body: &Value) -> u64 {
    body["d"].as_array().map_or(0, |d| d.len() as u64)
}

#[test]
fn pages_by_number_end_at_a_short_one_the_total_or_the_last() {
    let full = |n: usize| json!({"n": n, "d": [1, 2], "total": 5, "pages": 2, "more": n == 0});
    let short = |n: usize| {
        if n < 2 {
            full(n)
        } else {
            json!({"n": n, "d": [1]})
        }
    };
    let by_size = walk(
        "{ kind = 'page', param = 'p', size = 2, size_param = 's' }",
        length,
        |n| (short(n), None),
    );
    assert_eq!(by_size.turns, ["p=1&s=2", "p=2&s=2", "p=3&s=2"]);
    assert_eq!(by_size.ended, Next::End);
    let by_total = walk(
        "{ kind = 'page', param = 'p', first = 0, total = '/total' }",
        length,
        |n| (full(n), None),
    );
    assert_eq!(by_total.turns, ["p=0", "p=1", "p=2"]);
    let by_pages = walk(
        "{ kind = 'page', param = 'p', pages = '/pages' }",
        length,
        |n| (full(n), None),
    );
    assert_eq!(by_pages.turns.len(), 2);
    let by_flag = walk(
        "{ kind = 'page', param = 'p', more = '/more' }",
        length,
        |n| (full(n), None),
    );
    assert_eq!(by_flag.turns.len(), 2);
    // One item fewer than a page, a page, one more.
    for (items, pages) in [(1, 1), (2, 2), (3, 2)] {
        let left = |n: usize| json!({"n": n, "d": vec![0; usize::min(2, usize::saturating_sub(items, n * 2))]});
        let walked = walk("{ kind = 'page', param = 'p', size = 2 }", length, |n| {
            (left(n), None)
        });
        assert_eq!(walked.turns.len(), pages, "{items}");
    }
}

#[test]
fn offsets_follow_the_answer_or_the_count() {
    let next = |n: usize| json!({"d": [1], "next": n * 25 + 25, "last": n == 2});
    let told = walk(
        "{ kind = 'offset', param = 'start', next = '/next', last = '/last' }",
        length,
        |n| (next(n), None),
    );
    assert_eq!(told.turns, ["start=0", "start=25", "start=50"]);
    let counted = walk(
        "{ kind = 'offset', param = 'skip', size = 2, size_param = 'limit' }",
        length,
        |n| {
            (
                json!({"n": n, "d": if n < 1 { vec![1, 2] } else { vec![1] }}),
                None,
            )
        },
    );
    assert_eq!(counted.turns, ["limit=2&skip=0", "limit=2&skip=2"]);
}

#[test]
fn a_cursor_goes_into_its_parameter_until_there_is_none() {
    let serve = |n: usize| {
        (
            json!({"n": n, "c": if n < 2 { format!("c{n}") } else { String::new() }}),
            None,
        )
    };
    let walked = walk(
        "{ kind = 'cursor', from = '/c', param = 'cursor' }",
        |_| 1,
        serve,
    );
    assert_eq!(walked.turns, ["", "cursor=c0", "cursor=c1"]);
    let alone = walk(
        "{ kind = 'cursor', from = '/c', param = 'k', replaces_query = true }",
        |_| 1,
        serve,
    );
    assert_eq!(alone.turns[1], "k=c0 alone");
}

#[test]
fn next_addresses_may_be_relative_and_stay_on_the_origin() {
    let serve = |n: usize| {
        (
            json!({"n": n, "next": if n == 0 { json!("/list?page=2") } else { json!(null) }}),
            None,
        )
    };
    let walked = walk("{ kind = 'next_url', from = '/next' }", |_| 1, serve);
    assert_eq!(walked.turns, ["", "https://x.example/list?page=2"]);
    let links = |n: usize| {
        let link = "<https://x.example/list?p=1>; rel=\"prev\", <https://x.example/list?p=2>; rel=\"next\"";
        (json!({"n": n}), (n == 0).then_some(link))
    };
    let walked = walk("{ kind = 'link' }", |_| 1, links);
    assert_eq!(walked.turns, ["", "https://x.example/list?p=2"]);
}

/// B69: what a server says cannot lead elsewhere or on for ever.
#[test]
fn no_answer_leads_to_another_origin_or_on_for_ever() {
    for (paging, body, link, says) in [
        (
            "{ kind = 'link' }",
            json!({}),
            Some("<https://evil.example/?page=2>; rel=next"),
            "https://evil.example",
        ),
        (
            "{ kind = 'link' }",
            json!({}),
            Some("<http://x.example/list>; rel=\"next\""),
            "another origin",
        ),
        (
            "{ kind = 'link' }",
            json!({}),
            Some("<https://x.example:444/>; rel=\"next\""),
            "another origin",
        ),
        (
            "{ kind = 'link' }",
            json!({}),
            Some("<https://x.example/list?a=1>; rel=\"next\""),
            "was asked for",
        ),
        (
            "{ kind = 'next_url', from = '/n' }",
            json!({"n": "//evil.example/"}),
            None,
            "another origin",
        ),
        (
            "{ kind = 'next_url', from = '/n' }",
            json!({"n": "https://u@x.example/2"}),
            None,
            "another origin",
        ),
        (
            "{ kind = 'next_url', from = '/n' }",
            json!({"n": "https://["}),
            None,
            "cannot be read",
        ),
        (
            "{ kind = 'cursor', from = '/n', param = 'c' }",
            json!({"n": "https://evil.example/"}),
            None,
            "another origin",
        ),
        (
            "{ kind = 'cursor', from = '/n', param = 'c' }",
            json!({"n": "same"}),
            None,
            "came twice",
        ),
        (
            "{ kind = 'page', param = 'p' }",
            json!({"d": [1]}),
            None,
            "the same page came twice",
        ),
    ] {
        let walked = walk(paging, |_| 1, |_| (body.clone(), link));
        let Next::Partial(why) = walked.ended else {
            panic!("{paging}: {:?}", walked.ended)
        };
        assert!(why.contains(says), "{paging}: {why}");
        assert!(walked.turns.len() <= 2, "{paging}");
    }
}

#[test]
fn pages_and_items_are_bounded() {
    let serve = |n: usize| (json!({"c": n}), None);
    for (limit, says) in [("max_pages = 3", "3 pages"), ("max_items = 30", "30 items")] {
        let walked = walk(
            &format!("{{ kind = 'cursor', from = '/c', param = 'c', {limit} }}"),
            |_| 10,
            serve,
        );
        assert_eq!(walked.turns.len(), 3);
        let Next::Partial(why) = walked.ended else {
            panic!()
        };
        assert!(why.contains(says), "{why}");
    }
}

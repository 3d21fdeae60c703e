//! Hostile names on every page there is: they are put wherever a name can stand, then
//! every link is followed. A page that no link leads to, or that no name was tried on,
//! fails.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use app::Settings;
use app::credentials::{PatchCredential, patch_credential};
use domain::expiry::{Every, ReviewRule};
use domain::kernel::Span;

use crate::house::{Browser, House, Reply, escaped};

/// Markup, a formula, a forged log line, templates and format strings, text that turns
/// around or hides.
const NAMES: [&str; 7] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><a href=javascript:alert(1)>x</a>",
    "=cmd|'/C calc'!A0",
    "x] (ID [0]) will expire in less than 0 days. Warn: API Token [y",
    "{{7*7}} {% raw %} ${jndi:ldap://x} %n%s",
    "turned\u{202E}\u{2066}round\u{2028}line",
];
/// Characters that turn or break a line, none of which may reach a page as itself.
const TURNING: [char; 3] = ['\u{202E}', '\u{2066}', '\u{2028}'];
/// Pages that a session does not lead to; what is typed there has tests of its own.
const ELSEWHERE: [&str; 7] = [
    "/act/{alert}/{code}",
    "/address/{person}/{code}",
    "/assets/{name}",
    "/setup/{code}",
    "/sign-in",
    "/sign-in/provider",
    "/sign-in/provider/back",
];
/// So many of one shape are looked at.
const OF_A_SHAPE: usize = NAMES.len() + 1;

async fn house() -> House {
    let rule = ReviewRule {
        every: Every::Quarter,
        day: 1,
        teams: Vec::new(),
    };
    House::with(Settings {
        reviews: [("quarterly".to_owned(), rule)].into(),
        ..Settings::default()
    })
    .await
}

/// Puts one name wherever a name can stand; what is refused is refused inertly.
async fn settle(house: &House, ada: &mut Browser<'_>, number: usize, name: &str) {
    let address = format!("p{number}@example.org");
    let role = format!("role {number}");
    let pattern = format!("ci-{number}-*");
    let until = "2026-12-20";
    let forms: [(&str, &[(&str, &str)]); 8] = [
        ("/people/new", &[("name", name), ("email", &address)]),
        ("/people/new", &[("name", name), ("email", name)]),
        ("/teams/new", &[("name", name), ("members", &address)]),
        ("/service-accounts/new", &[("name", name), ("team", name)]),
        ("/roles/new", &[("name", &role), ("description", name)]),
        (
            "/tokens/new",
            &[("name", name), ("role", "None"), ("do", "generate")],
        ),
        ("/monitors/new", &[("name", name), ("period", "1d")]),
        (
            "/silences",
            &[("name", &pattern), ("until", until), ("reason", name)],
        ),
    ];
    for (path, form) in forms {
        let reply = ada.post(path, form).await;
        assert!(
            [200, 303, 422].contains(&reply.status),
            "{path} {name}: {}",
            reply.html
        );
        inert(&reply, path);
    }
    let owner = house.person(name).await;
    let id = house.credential(name, Span::days(5), Some(&owner)).await;
    let patch = PatchCredential {
        team: Some(Some(name.to_owned())),
        ..PatchCredential::default()
    };
    patch_credential(&house.ctx, &house.admin, &id, patch, None)
        .await
        .unwrap();
}

/// Nothing of a name has become markup, and no line turns or breaks by it. What stands in
/// a field to be changed is as it was typed, but a field is a line of its own.
fn inert(page: &Reply, path: &str) {
    // A file is kept and not shown; no browser takes it for a page.
    if page.headers.contains_key("content-disposition") {
        let kind = page.headers["content-type"].to_str().unwrap();
        assert!(!kind.contains("html"), "{kind} at {path}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        return;
    }
    let html = &page.html;
    for name in NAMES.iter().filter(|name| name.contains(['<', '"'])) {
        assert!(!html.contains(name), "{name} at {path}");
    }
    for part in [
        "<script>",
        "<img",
        "<a href=javascript",
        "href=\"javascript",
    ] {
        assert!(!html.contains(part), "{part} at {path}");
    }
    let fields = html.split(" value=\"").enumerate();
    let outside = fields.map(|(at, rest)| match at {
        0 => rest,
        _ => rest.split_once('"').map_or("", |(_, rest)| rest),
    });
    let outside: String = outside.collect();
    assert!(!outside.contains(TURNING), "a line turns at {path}");
}

/// The shape of a path: the route that answers it.
fn shape(path: &str, routes: &BTreeSet<&'static str>) -> Option<&'static str> {
    let path = path.split(['?', '#']).next().unwrap();
    let fits = |route: &&str| {
        let (own, asked): (Vec<_>, Vec<_>) =
            (route.split('/').collect(), path.split('/').collect());
        own.len() == asked.len()
            && own
                .iter()
                .zip(&asked)
                .all(|(o, a)| o == a || o.starts_with('{'))
    };
    let found = routes.iter().copied().filter(|route| fits(route));
    found.min_by_key(|route| route.matches('{').count())
}

fn links(html: &str) -> Vec<String> {
    let parts = html.split("href=\"/").skip(1);
    let path = |rest: &str| {
        rest.split('"')
            .next()
            .unwrap()
            .replace("&amp;", "&")
            .replace("&#38;", "&")
    };
    parts.map(|rest| format!("/{}", path(rest))).collect()
}

/// B14, B15, B16, B18, B20: on every page, as a list, by itself, and where it was asked for.
#[tokio::test]
async fn hostile_names_are_inert_on_every_page() {
    let house = house().await;
    let mut ada = house.founded().await;
    for (number, name) in NAMES.iter().enumerate() {
        settle(&house, &mut ada, number, name).await;
    }
    house.sweep().await;
    // 1 January has come, and with it the first round of reviews.
    house.clock.advance(Span::days(45));
    house.sweep().await;
    let mut ada = house.somebody("Grace", &["*"]).await;
    let routes = web::routes()
        .into_iter()
        .filter(|route| route.method == "GET");
    let routes: BTreeSet<&'static str> = routes.map(|route| route.path).collect();
    let mut seen: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut waiting = VecDeque::from(["/".to_owned(), "/credentials?state=any".to_owned()]);
    while let Some(path) = waiting.pop_front() {
        let Some(shape) = shape(&path, &routes).filter(|s| !ELSEWHERE.contains(s)) else {
            continue;
        };
        let of_it = seen.entry(shape).or_default();
        if of_it.len() >= OF_A_SHAPE || !of_it.insert(path.clone()) {
            continue;
        }
        let page = ada.get(&path).await.is(200);
        inert(&page, &path);
        waiting.extend(links(&page.html));
        if path.contains('?') || shape.contains('{') {
            continue;
        }
        // Markup and turned text, as what is looked for.
        for name in [NAMES[2], NAMES[6]] {
            let name = escaped(name);
            let fields = [
                "name",
                "owner",
                "team",
                "source",
                "steps",
                "expires_within",
                "state",
                "said",
                "actor",
            ];
            let query: Vec<String> = fields
                .iter()
                .map(|field| format!("{field}={name}"))
                .collect();
            let asked = format!("{path}?{}", query.join("&"));
            inert(&ada.get(&asked).await, &asked);
        }
    }
    let missed = routes
        .iter()
        .filter(|r| !seen.contains_key(*r) && !ELSEWHERE.contains(r));
    assert_eq!(
        missed.collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "no link leads there"
    );
    ada.get("/credentials?state=any&name=jndi")
        .await
        .is(200)
        .says("${jndi:ldap:");
}

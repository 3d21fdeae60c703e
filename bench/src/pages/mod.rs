//! Do the pages that everybody opens stay quick and light when there is much?
//!
//! Asked over HTTP as a browser does, compressed, one after the other; times are medians.

mod town;

use std::time::Instant as Moment;

use anyhow::{Context, Result, ensure};
use testkit::http::{Client, Reply};

use crate::Args;
use crate::machine::{self, Watch};
use crate::row::{Bound, Row, median};

/// How often each page is asked for.
const TIMES: usize = 51;
/// A page may take so many milliseconds.
const LIMIT_MS: f64 = 50.0;
/// A page and all it needs may weigh so many bytes.
const LIMIT_BYTES: f64 = 100_000.0;

/// A page, who asks for it, and the names of its two rows.
struct Page {
    path: &'static str,
    is_admin: bool,
    speed: &'static str,
    weight: &'static str,
}

const PAGES: [Page; 3] = [
    Page {
        path: "/",
        is_admin: true,
        speed: "overview, 10⁵ credentials",
        weight: "overview, weight",
    },
    Page {
        path: "/credentials",
        is_admin: true,
        speed: "credentials, 10⁵ of them",
        weight: "credentials, weight",
    },
    Page {
        path: "/credentials",
        is_admin: false,
        speed: "credentials, of a member",
        weight: "credentials, of a member, weight",
    },
];

/// A client that holds a session.
struct Browser {
    client: Client,
    cookie: String,
}

/// The rows of pages.
///
/// # Errors
/// When the server does not do what it should.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let town = town::open(args)?;
    let client = town.server.client();
    let admin = Browser::enter(&client, "/sign-in", town::ADMIN)?;
    let token = format!("token={}", town.member);
    let member = Browser::enter(&client, "/sign-in/token", &token)?;
    let mut rows = Vec::new();
    for page in &PAGES {
        let browser = if page.is_admin { &admin } else { &member };
        rows.push(speed(page, browser, town.server.id())?);
        rows.push(weight(page, browser)?);
    }
    town.server.stop();
    Ok(rows)
}

fn speed(page: &Page, browser: &Browser, server: u32) -> Result<Row> {
    browser.get(page.path)?;
    let watch = Watch::start(&[server]);
    let before = machine::cpu_of(server);
    let mut all = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let began = Moment::now();
        browser.get(page.path)?;
        all.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let spent = (machine::cpu_of(server) - before) as f64 / 1e6 / TIMES as f64;
    let took = median(all);
    Ok(Row {
        name: page.speed,
        compared: "50 ms",
        bound: Bound::AtMost(1.0),
        stretch: Bound::AtMost(0.5),
        numbers: format!("{took:.1} ms, {spent:.1} on a processor"),
        value: took / LIMIT_MS,
        others: watch.others(),
    })
}

fn weight(page: &Page, browser: &Browser) -> Result<Row> {
    let reply = browser.get(page.path)?;
    let html = zstd::decode_all(reply.body.as_slice())?;
    let html = String::from_utf8(html)?;
    let addresses = html.split('"').filter(|text| text.starts_with("/assets/"));
    let (mut bytes, mut assets) = (reply.body.len(), 0);
    for address in addresses {
        bytes += browser.get(address)?.body.len();
        assets += 1;
    }
    ensure!(assets > 0, "a page without a stylesheet");
    Ok(Row {
        name: page.weight,
        compared: "100 kB with all it needs",
        bound: Bound::AtMost(1.0),
        stretch: Bound::AtMost(0.5),
        numbers: format!("{:.1} kB", bytes as f64 / 1e3),
        value: bytes as f64 / LIMIT_BYTES,
        others: 0.0,
    })
}

impl Browser {
    fn enter(client: &Client, path: &str, form: &str) -> Result<Self> {
        let reply = client.form(path, form);
        let cookie = reply.header("set-cookie").and_then(|c| c.split(';').next());
        Ok(Self {
            cookie: cookie.context("nobody was signed in")?.to_owned(),
            client: client.clone(),
        })
    }

    fn get(&self, path: &str) -> Result<Reply> {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("accept-encoding", "gzip, deflate, br, zstd"),
            ("sec-fetch-site", "none"),
        ];
        let reply = self.client.request("GET", path, &headers, b"");
        ensure!(reply.status == 200, "{path}: {}", reply.status);
        Ok(reply)
    }
}

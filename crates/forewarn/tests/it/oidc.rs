//! `/sign-in/provider` against a real OpenID Connect provider, npm's oidc-provider.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use testkit::http::{Client, Reply};
use testkit::outside;

use crate::house::House;

/// The provider; it ends with the value.
struct Provider(Child);

impl Drop for Provider {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Provider {
    /// `None`, said so, where the peers are not there.
    fn start(port: u16, redirect: &str) -> Option<Self> {
        let modules = outside::peers_npm()?.join("node_modules");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/identity.mjs");
        // The peers bring a newer Node than the machine may have.
        let bundled = modules.join(".bin/node");
        let node = match bundled.is_file() {
            true => bundled,
            false => outside::program("node")?,
        };
        let mut command = Command::new(node);
        command.arg(script).arg(modules);
        command.args([&port.to_string(), redirect]);
        let child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut provider = Self(child);
        let mut out = BufReader::new(provider.0.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the provider ended");
        }
        Some(provider)
    }
}

/// A port that is free now.
fn port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A browser with one jar for both servers, for their cookies have different names.
struct Browser {
    jar: Vec<(String, String)>,
    /// Where a name leads: our server has another port than its public address says.
    lead: (String, String),
}

impl Browser {
    /// Follows until something is no redirect; the last reply.
    fn follow(&mut self, mut url: String) -> Reply {
        for _ in 0..12 {
            let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
            let host = if host == self.lead.0 {
                &self.lead.1
            } else {
                host
            };
            let host = host.to_owned();
            let client = Client::new(host.parse().unwrap());
            let jar = self
                .jar
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let jar = jar.collect::<Vec<_>>().join("; ");
            let reply = client.request("GET", &format!("/{path}"), &[("cookie", &jar)], b"");
            self.keep(&reply);
            let Some(to) = reply.header("location") else {
                return reply;
            };
            url = match to.starts_with("http://") {
                true => to.to_owned(),
                false => format!("http://{host}{to}"),
            };
        }
        panic!("redirects without an end, the last to {url}");
    }

    fn keep(&mut self, reply: &Reply) {
        for (_, line) in reply
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.retain(|(own, _)| own != name);
            if !value.is_empty() {
                self.jar.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

#[test]
fn a_real_provider_signs_somebody_in_with_the_roles_of_their_groups() {
    let (own, theirs) = (port(), port());
    let redirect = format!("http://127.0.0.1:{own}/sign-in/provider/back");
    let Some(_provider) = Provider::start(theirs, &redirect) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret-of-the-client\n").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&secret, private).unwrap();
    let house = House::with(&format!(
        "[server]\npublic_url = \"http://127.0.0.1:{own}\"\n\
         [sign_in.provider]\nissuer = \"http://127.0.0.1:{theirs}\"\nclient_id = \"forewarn\"\n\
         client_secret = {{ file = \"{}\" }}\nroles = {{ \"admins\" = [\"Admin\"] }}\n",
        secret.display()
    ));
    let mut browser = Browser {
        jar: Vec::new(),
        lead: (
            format!("127.0.0.1:{own}"),
            house.server.address().to_string(),
        ),
    };
    let page = browser.follow(format!(
        "{}/sign-in/provider?next=%2Fsessions",
        house.server.url()
    ));
    let page = page.expect(200).text();
    assert!(
        page.contains("through your organisation") && page.contains("Ada Lovelace"),
        "{page}"
    );
    let people = house.admin().get("/v1/people").expect(200).json();
    assert_eq!(people["items"][0]["roles"], serde_json::json!(["Admin"]));
    assert_eq!(people["items"][0]["email"], "ada@example.org");
}

//! Does a document make sense? What its grammar cannot say.

use std::collections::BTreeSet;

use super::document::{Auth, Body, Document, Exchange, Json, List, Lookup, Parent};
use super::expression::Expression;
use super::load::Fault;
use super::settings::Kind;
use super::template::Template;

type Verdict = Result<(), Fault>;

/// Names of fields that may hold a secret. They are mapped into nothing.
const SECRETS: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passwd",
    "private_key",
    "privatekey",
    "client_secret",
    "clientsecret",
    "secrettext",
    "api_key_value",
    "idptoken",
    "hashed_secret",
];
const CONCURRENCY_MAX: usize = 16;

/// Checks a whole document.
pub(super) fn check(document: &Document) -> Verdict {
    head(document)?;
    let checker = Checker { document };
    checker.auth(&document.auth, &["auth"])?;
    checker.shared()?;
    for (at, list) in document.lists.iter().enumerate() {
        checker.list(list, &at.to_string())?;
    }
    for (name, lookup) in &document.lookups {
        checker.lookup(name, lookup)?;
    }
    checker.own()
}

fn head(document: &Document) -> Verdict {
    let ids = std::iter::once(&document.id).chain(document.aliases.keys());
    for id in ids {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || !id.bytes().all(fits) {
            let reason = format!("`{id}` is no id; use small letters, digits and `-`");
            return Err(Fault::at(["id"], reason));
        }
    }
    if document.read.is_empty() {
        let reason = "name at least one page of the vendor's, with the day it was read";
        return Err(Fault::at(["read"], reason));
    }
    if document.lists.is_empty() {
        return Err(Fault::at(["lists"], "a preset needs at least one list"));
    }
    let mut names = BTreeSet::new();
    for (at, list) in document.lists.iter().enumerate() {
        if !names.insert(&list.name) {
            let reason = format!("`{}` is the name of another list too", list.name);
            return Err(Fault::at(["lists", &at.to_string(), "name"], reason));
        }
    }
    if document.probe && document.lists.len() != 1 {
        let reason = "a probe asks about one credential: it has one list";
        return Err(Fault::at(["probe"], reason));
    }
    Ok(())
}

struct Checker<'a> {
    document: &'a Document,
}

/// Where a template stands, as far as secrets care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Headers, bodies, sign-in: secrets belong there.
    Hidden,
    /// URLs, names, labels: what stands there is seen.
    Seen,
}

impl Checker<'_> {
    fn template(&self, template: &Template, stands: Stands, path: &[&str]) -> Verdict {
        let mut settings = template.settings();
        settings.try_for_each(|name| self.setting(name, stands, path))
    }

    fn setting(&self, name: &str, stands: Stands, path: &[&str]) -> Verdict {
        let Some(declared) = self.document.settings.get(name) else {
            let reason = format!("there is no setting `{name}`; declare it in [settings]");
            return Err(fault(path, reason));
        };
        if stands == Stands::Seen && declared.kind == Kind::Secret {
            let reason =
                format!("`{name}` is a secret; it may stand in headers, bodies and [auth] only");
            return Err(fault(path, reason));
        }
        Ok(())
    }

    fn templates<'t>(
        &self,
        templates: impl IntoIterator<Item = (&'t String, &'t Template)>,
        stands: Stands,
        path: &[&str],
    ) -> Verdict {
        for (name, template) in templates {
            self.template(template, stands, &[path, &[name]].concat())?;
        }
        Ok(())
    }

    fn auth(&self, auth: &Auth, path: &[&str]) -> Verdict {
        let hidden = |template: &Template, key: &str| {
            self.template(template, Stands::Hidden, &[path, &[key]].concat())
        };
        match auth {
            Auth::None => Ok(()),
            Auth::Bearer { token } => hidden(token, "token"),
            Auth::Headers { headers } => {
                self.templates(headers, Stands::Hidden, &[path, &["headers"]].concat())
            }
            Auth::Basic { username, password } => {
                hidden(username, "username")?;
                hidden(password, "password")
            }
            Auth::ClientCredentials(oauth) => {
                self.template(
                    &oauth.token_url,
                    Stands::Seen,
                    &[path, &["token_url"]].concat(),
                )?;
                hidden(&oauth.client_id, "client_id")?;
                hidden(&oauth.client_secret, "client_secret")
            }
            Auth::Exchange(exchange) => self.exchange(exchange, path),
            Auth::JwtAssertion(assertion) => {
                hidden(&assertion.private_key, "private_key")?;
                if let Some(exchange) = &assertion.exchange {
                    self.exchange(exchange, &[path, &["exchange"]].concat())?;
                }
                if assertion.exchange.is_some() && assertion.token_url.is_some() {
                    let reason = "`exchange` and `token_url` exclude each other";
                    return Err(fault(path, reason));
                }
                Ok(())
            }
        }
    }

    fn exchange(&self, exchange: &Exchange, path: &[&str]) -> Verdict {
        self.template(&exchange.path, Stands::Seen, &[path, &["path"]].concat())?;
        self.templates(&exchange.headers, Stands::Hidden, path)?;
        self.body(exchange.body.as_ref(), path)
    }

    fn body(&self, body: Option<&Body>, path: &[&str]) -> Verdict {
        match body {
            None => Ok(()),
            Some(Body::Text(template)) => self.template(template, Stands::Hidden, path),
            Some(Body::Json(map)) => map.values().try_for_each(|json| self.json(json, path)),
        }
    }

    fn json(&self, json: &Json, path: &[&str]) -> Verdict {
        match json {
            Json::Text(template) => self.template(template, Stands::Hidden, path),
            Json::List(items) => items.iter().try_for_each(|item| self.json(item, path)),
            Json::Map(map) => map.values().try_for_each(|item| self.json(item, path)),
            Json::Other(_) => Ok(()),
        }
    }

    fn shared(&self) -> Verdict {
        let shared = &self.document.request;
        if let Some(base) = &shared.base {
            self.template(base, Stands::Seen, &["request", "base"])?;
        }
        self.templates(&shared.headers, Stands::Hidden, &["request", "headers"])?;
        match shared.concurrency {
            Some(n) if n == 0 || n > CONCURRENCY_MAX => {
                let reason = format!("must lie between 1 and {CONCURRENCY_MAX}, not {n}");
                Err(fault(&["request", "concurrency"], reason))
            }
            _ => Ok(()),
        }
    }

    fn list(&self, list: &List, at: &str) -> Verdict {
        let path = ["lists", at];
        let below = |key: &'static str| -> Vec<&str> { vec!["lists", at, key] };
        for (key, settings) in [("when", &list.when), ("unless", &list.unless)] {
            for name in &settings.0 {
                self.setting(name, Stands::Hidden, &["lists", at, key])?;
            }
        }
        if let Some(files) = &list.files {
            self.template(files, Stands::Seen, &["lists", at, "files"])?;
        }
        if list.files.is_some() == list.path.is_some() {
            let reason = "needs a `path` to ask, or `files` to read, and not both";
            return Err(fault(&path, reason));
        }
        if list.path.is_some() && self.document.request.base.is_none() {
            let reason = "is missing; it says where all paths start: base = \"{setting.url}\"";
            return Err(fault(&["request", "base"], reason));
        }
        if list.kind.is_none() && list.map.kind.is_none() {
            let reason = "needs a `kind`, or a `map.kind`: what does it list?";
            return Err(fault(&path, reason));
        }
        if list.map.expires.is_none() {
            let reason =
                "is missing; where there is no end write { const = \"\", missing = \"never\" }";
            return Err(fault(&["lists", at, "map", "expires"], reason));
        }
        if let Some(auth) = &list.auth {
            self.auth(auth, &below("auth"))?;
        }
        for template in list.path.iter().chain(&list.renew_url) {
            self.template(template, Stands::Seen, &below("path"))?;
        }
        self.templates(&list.query, Stands::Seen, &below("query"))?;
        self.templates(&list.headers, Stands::Hidden, &below("headers"))?;
        self.templates(&list.form, Stands::Hidden, &below("form"))?;
        self.body(list.body.as_ref(), &below("body"))?;
        self.parents(list, at)?;
        self.mapping(list, at)
    }

    fn parents(&self, list: &List, at: &str) -> Verdict {
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        for (level, parent) in list.parents.iter().enumerate() {
            let level = level.to_string();
            let path = ["lists", at, "parents", &level];
            self.parent(parent, &kept, &path)?;
            kept.extend(parent.keep.keys().map(String::as_str));
        }
        let path = ["lists", at, "path"];
        let uses = list.path.iter().chain(list.query.values());
        uses.into_iter()
            .try_for_each(|template| known(template, &kept, &path))
    }

    fn parent(&self, parent: &Parent, kept: &BTreeSet<&str>, path: &[&str]) -> Verdict {
        self.template(&parent.path, Stands::Seen, path)?;
        self.templates(&parent.query, Stands::Seen, path)?;
        self.templates(&parent.headers, Stands::Hidden, path)?;
        self.body(parent.body.as_ref(), path)?;
        for (name, expression) in &parent.keep {
            self.expression(expression, &[path, &["keep", name]].concat())?;
        }
        known(&parent.path, kept, path)
    }

    fn mapping(&self, list: &List, at: &str) -> Verdict {
        let map = &list.map;
        let mut named: Vec<(&str, &Expression)> = vec![("external_id", &map.external_id)];
        let optional = [
            ("parent", &map.parent),
            ("kind", &map.kind),
            ("name", &map.name),
            ("owner", &map.owner.id),
            ("owner", &map.owner.name),
            ("owner", &map.owner.email),
            ("scopes", &map.scopes),
            ("roles", &map.roles),
            ("used_by", &map.used_by),
            ("renew_url", &map.renew_url),
        ];
        named.extend(
            optional
                .into_iter()
                .filter_map(|(key, one)| Some((key, one.as_ref()?))),
        );
        named.extend(map.labels.values().map(|label| ("labels", label)));
        for (key, expression) in named {
            self.expression(expression, &["lists", at, "map", key])?;
        }
        let conditions = [
            ("revoked_when", &map.revoked_when),
            ("suspended_when", &map.suspended_when),
            ("skip_when", &map.skip_when),
        ];
        for (key, conditions) in conditions {
            for condition in conditions {
                self.expression(&condition.of, &["lists", at, "map", key])?;
            }
        }
        Ok(())
    }

    /// Every look-up exists, no secret is shown.
    fn expression(&self, expression: &Expression, path: &[&str]) -> Verdict {
        let mut verdict = Ok(());
        expression.each(&mut |one| {
            if verdict.is_ok() {
                verdict = self.one(one, path);
            }
        });
        verdict
    }

    fn one(&self, expression: &Expression, path: &[&str]) -> Verdict {
        if let Some(lookup) = expression.lookup() {
            let known = self.document.lookups.get(&lookup.name);
            if known.is_none_or(|known| !known.keep.contains_key(&lookup.at)) {
                let reason = format!("[lookups.{}] keeps no `{}`", lookup.name, lookup.at);
                return Err(fault(path, reason));
            }
        }
        if let Some(name) = expression.setting() {
            self.setting(name, Stands::Seen, path)?;
        }
        if let Some(template) = expression.template() {
            self.template(template, Stands::Seen, path)?;
        }
        let secret = expression.pointers().into_iter().find(|pointer| {
            let name = pointer.last_name().unwrap_or_default().to_ascii_lowercase();
            SECRETS.contains(&name.as_str())
        });
        match secret {
            Some(pointer) if !expression.opens_a_wrapping() => {
                let reason = format!(
                    "`{}` looks like a secret's place; it is not kept",
                    pointer.as_str()
                );
                Err(fault(path, reason))
            }
            _ => Ok(()),
        }
    }

    fn lookup(&self, name: &str, lookup: &Lookup) -> Verdict {
        let path = ["lookups", name, "path"];
        self.template(&lookup.path, Stands::Seen, &path)?;
        self.templates(&lookup.query, Stands::Seen, &["lookups", name, "query"])?;
        for (kept, expression) in &lookup.keep {
            if expression.lookup().is_some() {
                let reason = "a look-up cannot look up";
                return Err(fault(&["lookups", name, "keep", kept], reason));
            }
            self.expression(expression, &["lookups", name, "keep", kept])?;
        }
        Ok(())
    }

    fn own(&self) -> Verdict {
        let Some(own) = &self.document.own else {
            return Ok(());
        };
        if let Some(path) = &own.path {
            self.template(path, Stands::Seen, &["own", "path"])?;
        }
        let lists = &self.document.lists;
        match own.list.as_ref() {
            Some(name) if !lists.iter().any(|list| list.name == *name) => Err(fault(
                &["own", "list"],
                format!("there is no list `{name}`"),
            )),
            _ => Ok(()),
        }
    }
}

fn known(template: &Template, kept: &BTreeSet<&str>, path: &[&str]) -> Verdict {
    match template.parents().find(|name| !kept.contains(name)) {
        Some(name) => Err(fault(path, format!("no parent before it keeps `{name}`"))),
        None => Ok(()),
    }
}

fn fault(path: &[&str], reason: impl Into<String>) -> Fault {
    Fault {
        path: path.iter().map(|part| (*part).to_owned()).collect(),
        reason: reason.into(),
    }
}

//! A request as it will be sent, made from what a preset says.

use std::collections::BTreeMap;

use app::ports::ConnectorError;
use domain::kernel::Secret;
use serde_json::Value;
use url::Url;

use super::document::{Ask, Body, Exchange, Json, Shared};
use super::page::Turn;
use super::signer::Proof;
use super::template::{Env, Missing, Template};

/// A request as it will be sent, but for the proof of who sends it.
#[derive(Clone)]
pub(super) struct Prepared {
    pub method: http::Method,
    pub url: Url,
    pub headers: Vec<(String, Secret<String>)>,
    pub body: Option<Secret<String>>,
}

impl Prepared {
    /// A form posted to an address.
    ///
    /// # Errors
    /// The address is none.
    pub fn post_form(url: &str, form: String) -> Result<Self, ConnectorError> {
        let kind = "application/x-www-form-urlencoded".to_owned();
        Ok(Self {
            method: http::Method::POST,
            url: address(url)?,
            headers: vec![("content-type".to_owned(), Secret::new(kind))],
            body: Some(Secret::new(form)),
        })
    }

    /// With headers that prove who sends it.
    #[must_use]
    pub fn with(mut self, proof: Proof) -> Self {
        self.headers.extend(proof);
        self
    }

    /// The next page of the same list.
    #[must_use]
    pub fn turned(&self, turn: &Turn) -> Self {
        let mut next = self.clone();
        if let Some(url) = &turn.url {
            next.url = url.clone();
            return next;
        }
        let before: Vec<(String, String)> = if turn.alone {
            Vec::new()
        } else {
            let pairs = self.url.query_pairs().into_owned();
            pairs
                .filter(|(name, _)| !turn.query.contains_key(name))
                .collect()
        };
        if before.is_empty() && turn.query.is_empty() {
            next.url.set_query(None);
        } else {
            next.url
                .query_pairs_mut()
                .clear()
                .extend_pairs(before)
                .extend_pairs(&turn.query);
        }
        if !turn.body.is_empty() {
            next.body = next.body.map(|body| with_fields(&body, &turn.body));
        }
        next
    }
}

/// Puts the place of the next page into a JSON body.
fn with_fields(body: &Secret<String>, fields: &BTreeMap<String, String>) -> Secret<String> {
    let Ok(Value::Object(mut map)) = serde_json::from_str(body.expose()) else {
        return body.clone();
    };
    for (name, value) in fields {
        map.insert(name.clone(), Value::String(value.clone()));
    }
    Secret::new(Value::Object(map).to_string())
}

/// Makes the first request of a list, a parent, a look-up or a sign-in.
///
/// # Errors
/// A place of a template stands for nothing, or a secret cannot be read.
pub(super) fn prepare(
    ask: &Ask,
    shared: &Shared,
    env: &Env<'_>,
) -> Result<Prepared, ConnectorError> {
    let base = shared
        .base
        .as_ref()
        .map(|base| base.url(env))
        .transpose()
        .map_err(cannot)?;
    let path = ask
        .path
        .as_ref()
        .map(|path| path.url(env))
        .transpose()
        .map_err(cannot)?;
    let (base, path) = (base.unwrap_or_default(), path.unwrap_or_default());
    // Without a path the address counts as it was given, to the last slash.
    let plain = shared.base.as_ref().filter(|_| path.is_empty());
    let base = plain
        .and_then(|base| base.plain_text(env).ok())
        .unwrap_or(base);
    // A path that is a whole address stands for itself: tenants' sign-in hosts.
    let mut url = if path.starts_with("https://") || path.starts_with("http://") {
        address(&path)?
    } else if path.is_empty() {
        address(&base)?
    } else {
        address(&format!("{}{path}", base.trim_end_matches('/')))?
    };
    for (name, template) in &ask.query {
        if let Some(value) = unless_left_out(template.plain_text(env))? {
            url.query_pairs_mut().append_pair(name, &value);
        }
    }
    let mut headers = Vec::new();
    for (name, template) in shared.headers.iter().chain(&ask.headers) {
        let value = unless_left_out(template.secret(env))?;
        headers.extend(value.map(|value| (name.to_ascii_lowercase(), value)));
    }
    let (body, kind) = body(ask, env)?;
    if let Some(kind) = kind.filter(|_| !headers.iter().any(|(name, _)| name == "content-type")) {
        headers.push(("content-type".to_owned(), Secret::new(kind.to_owned())));
    }
    let usual = if body.is_some() { "POST" } else { "GET" };
    let method = ask.method.as_deref().unwrap_or(usual);
    Ok(Prepared {
        method: method
            .parse()
            .map_err(|_| ConnectorError::Unavailable(format!("`{method}` is no method of HTTP")))?,
        url,
        headers,
        body,
    })
}

type Filled = (Option<Secret<String>>, Option<&'static str>);

fn body(ask: &Ask, env: &Env<'_>) -> Result<Filled, ConnectorError> {
    if !ask.form.is_empty() {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, template) in &ask.form {
            if let Some(value) = unless_left_out(template.secret(env))? {
                form.append_pair(name, value.expose());
            }
        }
        let kind = "application/x-www-form-urlencoded";
        return Ok((Some(Secret::new(form.finish())), Some(kind)));
    }
    match &ask.body {
        None => Ok((None, None)),
        Some(Body::Text(template)) => Ok((Some(template.secret(env).map_err(cannot)?), None)),
        Some(Body::Json(map)) => {
            let filled = object(map, env).map_err(cannot)?;
            Ok((
                Some(Secret::new(filled.to_string())),
                Some("application/json"),
            ))
        }
    }
}

fn object(map: &BTreeMap<String, Json>, env: &Env<'_>) -> Result<Value, Missing> {
    let filled: Result<_, _> = map
        .iter()
        .map(|(name, value)| Ok((name.clone(), json(value, env)?)))
        .collect();
    filled.map(Value::Object)
}

fn json(value: &Json, env: &Env<'_>) -> Result<Value, Missing> {
    match value {
        Json::Text(template) => Ok(Value::String(template.secret(env)?.expose().clone())),
        Json::List(items) => {
            let filled: Result<_, _> = items.iter().map(|item| json(item, env)).collect();
            filled.map(Value::Array)
        }
        Json::Map(map) => object(map, env),
        Json::Other(value) => Ok(value.clone()),
    }
}

/// An optional setting that is not given leaves out what it would stand in.
pub(super) fn unless_left_out<T>(filled: Result<T, Missing>) -> Result<Option<T>, ConnectorError> {
    match filled {
        Ok(value) => Ok(Some(value)),
        Err(Missing::Place(place)) if place.starts_with("setting.") => Ok(None),
        Err(other) => Err(cannot(other)),
    }
}

fn cannot(why: Missing) -> ConnectorError {
    ConnectorError::Unavailable(format!("it cannot be asked: {why}"))
}

fn address(text: &str) -> Result<Url, ConnectorError> {
    Url::parse(text).map_err(|error| {
        ConnectorError::Unavailable(format!("its address cannot be read: {error}; check `url`"))
    })
}

impl Ask {
    /// The settings that its templates name.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        let plain = self.path.iter().chain(self.query.values());
        let hidden = self.headers.values().chain(self.form.values());
        let body = match &self.body {
            Some(Body::Text(template)) => vec![template],
            Some(Body::Json(map)) => map.values().flat_map(Json::templates).collect(),
            None => Vec::new(),
        };
        plain.chain(hidden).chain(body).flat_map(Template::settings)
    }
}

impl Json {
    fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Map(map) => map.values().flat_map(Self::templates).collect(),
            Self::Other(_) => Vec::new(),
        }
    }
}

impl From<&Exchange> for Ask {
    fn from(exchange: &Exchange) -> Self {
        Self {
            method: Some(exchange.method.clone()),
            path: Some(exchange.path.clone()),
            headers: exchange.headers.clone(),
            body: exchange.body.clone(),
            ..Self::default()
        }
    }
}

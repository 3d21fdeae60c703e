//! Talks to a server, and turns its problems into one sentence.

use std::path::Path;

use domain::kernel::Secret;
use egress::{AddressPolicy, Egress, Request, Settings, Target, Trust};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde_json::Value;

use super::CliError;

/// A server and the token to speak to it with.
pub(crate) struct Client {
    runtime: tokio::runtime::Runtime,
    egress: Egress,
    base: String,
    token: Option<Secret<String>>,
}

const BODY_MAX: usize = 512 * 1024 * 1024;

impl Client {
    /// A client; no connection is made yet.
    pub(crate) fn new(server: &str, token_file: Option<&Path>) -> Result<Self, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| CliError::failed(format!("the runtime cannot start: {e}")))?;
        let egress =
            Egress::new(Settings::default()).map_err(|e| CliError::failed(e.to_string()))?;
        Ok(Self {
            runtime,
            egress,
            base: server.trim_end_matches('/').to_owned(),
            token: token(token_file)?,
        })
    }

    /// `GET`
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, CliError> {
        self.json(Method::GET, &with_query(path, query), None)
    }

    /// `POST` of a JSON body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.json(Method::POST, path, Some(body))
    }

    /// `PATCH` of a JSON body.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.json(Method::PATCH, path, Some(body))
    }

    /// `DELETE`
    pub(crate) fn delete(&self, path: &str) -> Result<Value, CliError> {
        self.json(Method::DELETE, path, None)
    }

    /// Every item of a paged list.
    pub(crate) fn list(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Vec<Value>, CliError> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut page: Vec<(&str, String)> = query.to_vec();
            page.push(("limit", "200".to_owned()));
            page.extend(cursor.take().map(|c| ("cursor", c)));
            let answer = self.get(path, &page)?;
            items.extend(
                answer
                    .get("items")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default(),
            );
            cursor = answer
                .get("next_cursor")
                .and_then(Value::as_str)
                .map(str::to_owned);
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }

    /// `POST` of lines as they are.
    pub(crate) fn post_lines(&self, path: &str, lines: Vec<u8>) -> Result<Value, CliError> {
        let body = Some(("application/x-ndjson", lines));
        self.exchange(Method::POST, path, body)
            .and_then(|bytes| parse(&bytes))
    }

    /// `POST` of a form.
    pub(crate) fn post_form(&self, path: &str, form: String) -> Result<Value, CliError> {
        let body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
        self.exchange(Method::POST, path, body)
            .and_then(|bytes| parse(&bytes))
    }

    /// `GET` of something that is not JSON.
    pub(crate) fn text(&self, path: &str) -> Result<String, CliError> {
        self.exchange(Method::GET, path, None)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn json(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, CliError> {
        let body = body.map(|b| ("application/json", b.to_string().into_bytes()));
        self.exchange(method, path, body)
            .and_then(|bytes| parse(&bytes))
    }

    fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Vec<u8>, CliError> {
        let policy = AddressPolicy::new(Vec::new());
        let target = Target::parse(&format!("{}{path}", self.base), &policy, Trust::Trusted)
            .map_err(|e| CliError::usage(format!("--server: {e}")))?;
        let mut request = Request::new(method, target);
        request.body_max = BODY_MAX;
        request.timeout = Some(std::time::Duration::from_secs(120));
        request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = &self.token {
            let value = Secret::new(format!("Bearer {}", token.expose()));
            let mut header = HeaderValue::from_str(value.expose())
                .map_err(|_| {
                    let sentence = "the token holds characters that no token has; give the value alone, without a line behind it";
                    CliError::failed(sentence.to_owned())
                })?;
            header.set_sensitive(true);
            request = request.header(AUTHORIZATION, header);
        }
        if let Some((kind, bytes)) = body {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static(kind))
                .body(bytes);
        }
        let answer = self
            .runtime
            .block_on(self.egress.send(request, Trust::Trusted))
            .map_err(|e| {
                CliError::failed(format!(
                    "the server {} does not answer: {e}; is it running, and is --server right?",
                    self.base
                ))
            })?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body.to_vec());
        }
        let sentence = problem(answer.status, &answer.body);
        // A value that only the server could judge is a wrong value all the same.
        Err(match answer.status {
            400 | 422 => CliError::usage(sentence),
            _ => CliError::failed(sentence),
        })
    }
}

fn parse(bytes: &[u8]) -> Result<Value, CliError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|_| {
        CliError::failed(
            "the server answered with something that is not JSON; is --server right?".to_owned(),
        )
    })
}

/// The sentence of a problem+json answer.
fn problem(status: u16, body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let field = |name: &str| problem.get(name).and_then(Value::as_str);
    let sentence = field("detail")
        .or_else(|| field("title"))
        .unwrap_or("the server gave no reason");
    let named = problem.pointer("/errors/0/pointer").and_then(Value::as_str);
    let sentence = match named.map(|pointer| pointer.trim_start_matches("#/")) {
        Some(named) if !named.is_empty() && !sentence.contains(named) => {
            format!("{named}: {sentence}")
        }
        _ => sentence.to_owned(),
    };
    match status {
        401 => format!("{sentence}; set FOREWARN_TOKEN or --token-file"),
        _ => format!("{sentence} (status {status})"),
    }
}

/// The token of `--token-file` or `FOREWARN_TOKEN`; never taken from the command line,
/// which everybody on the machine can read.
fn token(file: Option<&Path>) -> Result<Option<Secret<String>>, CliError> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|e| CliError::failed(format!("--token-file {}: {e}", path.display())))?,
        None => match crate::config::process_environment()
            .into_iter()
            .find(|(n, _)| n == "FOREWARN_TOKEN")
        {
            Some((_, value)) if !value.trim().is_empty() => value,
            _ => return Ok(None),
        },
    };
    Ok(Some(Secret::new(text.trim().to_owned())))
}

/// A path with its query, percent-encoded.
pub(crate) fn with_query(path: &str, query: &[(&str, String)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        encoded.append_pair(name, value);
    }
    format!("{path}?{}", encoded.finish())
}

/// One segment of a path, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

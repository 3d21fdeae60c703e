//! `/docs`: the same for people, as one page that needs no script and no network.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::openapi::rights;
use crate::problem::KINDS;
use crate::request::{Param, ParamKind};
use crate::route::{Route, Shape};

const STYLE: &str = include_str!("docs.css");
const STYLE_PATH: &str = "/docs/style.css";

/// `GET /docs/style.css`
pub async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `GET /docs`
pub async fn show() -> Response {
    let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, page(&crate::routes())).into_response()
}

/// Everything on it comes from this source, nothing from a request.
fn page(routes: &[Route]) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>Forewarn API</title><link rel=\"stylesheet\" href=\"{STYLE_PATH}\"></head><body>\
         <main><h1>Forewarn API</h1>{}<h2>Calls</h2>",
        INTRODUCTION
    );
    for route in routes {
        html.push_str(&call(route));
    }
    html.push_str("<h2>Problems</h2><p>Failures are <code>application/problem+json</code> (RFC 9457). <code>type</code> and <code>title</code> are fixed; <code>detail</code> says what to do; <code>errors</code> points at the values.</p><dl>");
    for kind in KINDS {
        push(
            &mut html,
            format_args!(
                "<dt id=\"problem-{slug}\"><code>{slug}</code> · {}</dt><dd>{}</dd>",
                kind.status().as_u16(),
                kind.title(),
                slug = kind.slug()
            ),
        );
    }
    html.push_str("</dl></main></body></html>");
    html
}

const INTRODUCTION: &str = "<p>The same as <a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1). \
Send <code>Authorization: Bearer TOKEN</code>. Every reply to a token that ends says when, in \
<code>authentication-token-expiration</code>. Lists answer <code>{\"items\":[…],\"next_cursor\":…}</code>; \
give <code>next_cursor</code> as <code>cursor</code> to read on. Creates take an <code>Idempotency-Key</code>; \
changes take <code>If-Match</code> with the <code>ETag</code> of what was read. \
Fields and parameters that do not exist are refused.</p>\
<pre>curl -H \"Authorization: Bearer $FOREWARN_TOKEN\" http://127.0.0.1:8080/v1/tokens/self</pre>";

fn call(route: &Route) -> String {
    let method = route.method.as_ref().map_or("ANY", http::Method::as_str);
    let mut html = format!(
        "<article><h3><span class=\"method\">{method}</span> <code>{}</code></h3><p>{}</p><p class=\"rights\">{}</p>",
        escape(route.path),
        code(route.says),
        code(&rights(route.needs))
    );
    html.push_str(&parameters(&route.params));
    if let Some((media_type, shape)) = &route.body {
        push(
            &mut html,
            format_args!("<h4>Reads {}</h4>", escape(media_type)),
        );
        html.push_str(&fields(shape.as_ref()));
    }
    let media_type = match route.answer.media_type {
        "" => "no body",
        media_type => media_type,
    };
    let status = route.answer.status.as_u16();
    push(
        &mut html,
        format_args!("<h4>Answers {status}, {}</h4>", escape(media_type)),
    );
    html.push_str(&fields(route.answer.shape.as_ref()));
    html.push_str("</article>");
    html
}

fn parameters(params: &[Param]) -> String {
    if params.is_empty() {
        return String::new();
    }
    let mut html = "<h4>Parameters</h4><dl>".to_owned();
    for param in params {
        let looks = match param.kind {
            ParamKind::Text => "text".to_owned(),
            ParamKind::Texts => "text, may be repeated".to_owned(),
            ParamKind::Number(least, most) => format!("{least} to {most}"),
            ParamKind::Flag => "true or false".to_owned(),
            ParamKind::Instant => "RFC 3339".to_owned(),
            ParamKind::Span => "30d, 168h, P7D".to_owned(),
            ParamKind::Word(words) => words.join(" | "),
            ParamKind::Words(words) => format!("{}, may be repeated", words.join(" | ")),
        };
        push(
            &mut html,
            format_args!(
                "<dt><code>{}</code> <small>{}</small></dt><dd>{}</dd>",
                param.name,
                escape(&looks),
                code(param.says)
            ),
        );
    }
    html.push_str("</dl>");
    html
}

/// The fields of an object, from its schema.
fn fields(shape: Option<&Shape>) -> String {
    let Some(shape) = shape else {
        return String::new();
    };
    let schema = serde_json::to_value(&shape.schema).unwrap_or_default();
    let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) else {
        return format!("<p>{}</p>", escape(&shape.name));
    };
    let mut html = "<dl>".to_owned();
    for (name, property) in properties {
        let says = property
            .get("description")
            .and_then(|d| d.as_str())
            .unwrap_or("");
        push(
            &mut html,
            format_args!(
                "<dt><code>{}</code></dt><dd>{}</dd>",
                escape(name),
                code(says)
            ),
        );
    }
    html.push_str("</dl>");
    html
}

/// Text between backquotes as code.
fn code(text: &str) -> String {
    let mut parts = text.split('`');
    let mut html = escape(parts.next().unwrap_or(""));
    let mut inside = true;
    for part in parts {
        let part = escape(part);
        match inside {
            true => push(&mut html, format_args!("<code>{part}</code>")),
            false => html.push_str(&part),
        }
        inside = !inside;
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Writing to a String cannot fail.
fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = html.write_fmt(text);
}

//! `/openapi.json`: what the API offers, written from the very routes that serve it.

use std::collections::BTreeMap;

use axum::Json;
use http::Method;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
    ParameterStyle, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, ContentBuilder, InfoBuilder, KnownFormat, ObjectBuilder,
    OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, ResponseBuilder, Schema, SchemaFormat,
    Type,
};

use crate::problem::ProblemBody;
use crate::request::{Param, ParamKind};
use crate::route::{Answer, Needs, Route, Shape};

const BEARER: &str = "bearer";

/// `GET /openapi.json`
pub async fn show() -> Json<OpenApi> {
    Json(document())
}

/// The whole document (OpenAPI 3.1).
pub fn document() -> OpenApi {
    let routes = crate::routes();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("fwn…")
        .description(Some(
            "A token that this server issued, in the Authorization header.",
        ))
        .build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas(&routes))
        .security_scheme(BEARER, SecurityScheme::Http(scheme))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Forewarn")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("Issues API tokens, watches those of other systems, and forewarns before any of them ends. Instants are RFC 3339 in UTC; problems are `application/problem+json` (RFC 9457)."))
                .build(),
        )
        .paths(paths(&routes))
        .components(Some(components))
        .build()
}

fn schemas(routes: &[Route]) -> BTreeMap<String, RefOr<Schema>> {
    let bodies = routes.iter().filter_map(|r| r.body.as_ref()?.1.clone());
    let answers = routes.iter().filter_map(|r| r.answer.shape.clone());
    let mut schemas = BTreeMap::new();
    for shape in bodies.chain(answers).chain([Shape::of::<ProblemBody>()]) {
        schemas.extend(shape.parts);
        schemas.insert(shape.name, shape.schema);
    }
    schemas
}

fn paths(routes: &[Route]) -> Paths {
    let mut items: BTreeMap<&str, PathItem> = BTreeMap::new();
    for route in routes {
        let item = PathItem::from_http_methods(methods(route), operation(route));
        // A wildcard is a parameter like any other to the reader of the document.
        match items.entry(route.path) {
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                entry.get_mut().merge_operations(item);
            }
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(item)),
        }
    }
    let mut paths = Paths::new();
    for (path, item) in items {
        paths.paths.insert(path.replace("{*", "{"), item);
    }
    paths
}

fn methods(route: &Route) -> Vec<HttpMethod> {
    match &route.method {
        Some(method) if *method == Method::GET => vec![HttpMethod::Get],
        Some(method) if *method == Method::POST => vec![HttpMethod::Post],
        Some(method) if *method == Method::PUT => vec![HttpMethod::Put],
        Some(method) if *method == Method::PATCH => vec![HttpMethod::Patch],
        Some(method) if *method == Method::DELETE => vec![HttpMethod::Delete],
        _ => vec![HttpMethod::Get],
    }
}

fn operation(route: &Route) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(route)))
        .tag(tag(route.path))
        .summary(Some(route.says))
        .description(Some(rights(route.needs)));
    for name in names_in(route.path) {
        operation = operation.parameter(path_parameter(name));
    }
    for param in &route.params {
        operation = operation.parameter(query_parameter(param));
    }
    if let Some((media_type, shape)) = &route.body {
        let content = ContentBuilder::new()
            .schema(shape.as_ref().map(refer))
            .build();
        let body = RequestBodyBuilder::new().content(*media_type, content);
        operation = operation.request_body(Some(body.required(Some(Required::True)).build()));
    }
    if route.needs != Needs::Nothing {
        operation = operation.security(SecurityRequirement::new(BEARER, Vec::<String>::new()));
    }
    operation = operation.response(route.answer.status.as_str(), success(&route.answer));
    for (status, says) in failures(route) {
        operation = operation.response(status, failure(says));
    }
    operation.build()
}

/// `get_v1_tokens_id`: stable as long as method and path are.
fn operation_id(route: &Route) -> String {
    let method = route
        .method
        .as_ref()
        .map_or("any", Method::as_str)
        .to_ascii_lowercase();
    let words = route
        .path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty());
    words.fold(method, |id, word| format!("{id}_{word}"))
}

fn tag(path: &'static str) -> &'static str {
    let mut parts = path.split(['/', '.']).filter(|part| !part.is_empty());
    match parts.next() {
        Some("v1") => parts.next().unwrap_or("v1"),
        Some(first @ ("oauth2" | "auth" | "scim")) => first,
        _ => "server",
    }
}

/// What a caller needs, in a sentence.
pub fn rights(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "Needs no token in general.".to_owned(),
        Needs::Token => "Needs a valid token.".to_owned(),
        Needs::Scope(scope) => format!("Needs a valid token with the scope `{scope}`."),
    }
}

fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.trim_start_matches('*'))
}

fn path_parameter(name: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(text(None)))
        .build()
}

fn query_parameter(param: &Param) -> Parameter {
    let schema: RefOr<Schema> = match param.kind {
        ParamKind::Text | ParamKind::Span => text(None).into(),
        ParamKind::Texts => ArrayBuilder::new().items(text(None)).build().into(),
        ParamKind::Instant => text(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into(),
        ParamKind::Flag => ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .build()
            .into(),
        ParamKind::Number(least, most) => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(least))
            .maximum(Some(most))
            .build()
            .into(),
        ParamKind::Word(words) => one_of(words).into(),
        ParamKind::Words(words) => ArrayBuilder::new().items(one_of(words)).build().into(),
    };
    ParameterBuilder::new()
        .name(param.name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(param.says))
        .style(Some(ParameterStyle::Form))
        .explode(Some(true))
        .schema(Some(schema))
        .build()
}

fn text(format: Option<SchemaFormat>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(format)
}

fn one_of(words: &'static [&'static str]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().copied()))
}

fn refer(shape: &Shape) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(shape.name.clone()))
}

fn success(answer: &Answer) -> utoipa::openapi::Response {
    let response = ResponseBuilder::new().description("As asked.");
    if answer.media_type.is_empty() {
        return response.build();
    }
    let content = ContentBuilder::new()
        .schema(answer.shape.as_ref().map(refer))
        .build();
    response.content(answer.media_type, content).build()
}

/// What may go wrong with every call of this form.
fn failures(route: &Route) -> Vec<(&'static str, &'static str)> {
    let mut failures = vec![("503", "Not available right now; nothing was changed.")];
    let guarded = route.needs != Needs::Nothing || route.path.starts_with("/auth/");
    if guarded {
        failures.push(("400", "The request cannot be read."));
        failures.push(("401", "No token, or not a valid one (RFC 6750)."));
        failures.push(("403", "The token does not allow this."));
        failures.push(("422", "A value cannot be accepted; `errors` names it."));
    }
    if route.needs != Needs::Nothing {
        failures.push((
            "429",
            "Not a valid token, and too many of those came from this address.",
        ));
    }
    if route.path.contains('{') {
        failures.push(("404", "Not there, or not visible to this token."));
    }
    if route.method.as_ref().is_some_and(|m| *m != Method::GET) {
        failures.push(("409", "It contradicts what stands now."));
    }
    if route.method == Some(Method::PATCH) {
        failures.push(("412", "`If-Match` names a version that no longer stands."));
    }
    if route.body.is_some() {
        failures.push(("413", "The body is too large."));
        failures.push(("415", "The body has a type that is not read here."));
    }
    failures
}

fn failure(says: &str) -> utoipa::openapi::Response {
    let schema = RefOr::<Schema>::Ref(Ref::from_schema_name("Problem"));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(says)
        .content("application/problem+json", content)
        .build()
}

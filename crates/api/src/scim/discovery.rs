//! What this server can do with SCIM (RFC 7644 §4), so that clients need not guess.

use app::AppError;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Document;
use super::list::whole;
use super::query::COUNT_MAX;
use super::resource::base;
use super::{MEDIA_TYPE, NEEDS, groups, users};
use crate::problem::Problem;
use crate::request::Named;
use crate::route::Route;
use crate::state::Api;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/scim/v2/ServiceProviderConfig", NEEDS, config)
            .says("What this server can do with SCIM.")
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::get("/scim/v2/ResourceTypes", NEEDS, types)
            .says("Users and groups.")
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::get("/scim/v2/ResourceTypes/{id}", NEEDS, one_type)
            .says("One of the two.")
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::get("/scim/v2/Schemas", NEEDS, schemas)
            .says("Which attributes are kept.")
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::get("/scim/v2/Schemas/{id}", NEEDS, one_schema)
            .says("The attributes of one schema.")
            .answers_as(StatusCode::OK, MEDIA_TYPE),
    ]
}

async fn config(State(api): State<Api>) -> Document {
    let base = base(&api.ctx);
    let no = json!({ "supported": false });
    Document(json!({
        "schemas": [format!("{CORE}:ServiceProviderConfig")],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": COUNT_MAX },
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this server with the scope people:write.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    }))
}

async fn types(State(api): State<Api>) -> Document {
    Document(whole(all_types(&base(&api.ctx))))
}

async fn one_type(State(api): State<Api>, Named(id): Named) -> Result<Document, Problem> {
    one(all_types(&base(&api.ctx)), &id)
}

async fn schemas(State(api): State<Api>) -> Document {
    Document(whole(all_schemas(&base(&api.ctx))))
}

async fn one_schema(State(api): State<Api>, Named(id): Named) -> Result<Document, Problem> {
    one(all_schemas(&base(&api.ctx)), &id)
}

fn one(all: Vec<Value>, id: &str) -> Result<Document, Problem> {
    let found = all.into_iter().find(|document| document["id"] == id);
    let unknown = || AppError::not_found("a document of this id").into();
    found.map(Document).ok_or_else(unknown)
}

fn all_types(base: &str) -> Vec<Value> {
    let one = |name: &str, endpoint: &str, schema: &str| {
        json!({
            "schemas": [format!("{CORE}:ResourceType")],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "schema": schema,
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{name}"),
            },
        })
    };
    vec![
        one("User", "/Users", users::SCHEMA),
        one("Group", "/Groups", groups::SCHEMA),
    ]
}

fn all_schemas(base: &str) -> Vec<Value> {
    let one = |id: &str, name: &str, says: &str, attributes: Vec<Value>| {
        json!({
            "schemas": [format!("{CORE}:Schema")],
            "id": id,
            "name": name,
            "description": says,
            "attributes": attributes,
            "meta": {
                "resourceType": "Schema",
                "location": format!("{base}/Schemas/{id}"),
            },
        })
    };
    vec![
        one(
            users::SCHEMA,
            "User",
            "Somebody who owns credentials and is told of their end.",
            of_users(),
        ),
        one(
            groups::SCHEMA,
            "Group",
            "People who answer for credentials together.",
            of_groups(),
        ),
        one(
            &format!("{CORE}:ServiceProviderConfig"),
            "ServiceProviderConfig",
            "What this server can do.",
            of_config(),
        ),
        one(
            &format!("{CORE}:ResourceType"),
            "ResourceType",
            "What is kept.",
            of_types(),
        ),
        one(
            &format!("{CORE}:Schema"),
            "Schema",
            "Which attributes something has.",
            of_schemas(),
        ),
    ]
}

/// How an attribute behaves.
struct Shape {
    kind: &'static str,
    mutability: &'static str,
    is_required: bool,
    is_several: bool,
    uniqueness: &'static str,
}

const TEXT: Shape = Shape {
    kind: "string",
    mutability: "readWrite",
    is_required: false,
    is_several: false,
    uniqueness: "none",
};
const READ: Shape = Shape {
    mutability: "readOnly",
    ..TEXT
};
const READ_TRUTH: Shape = Shape {
    kind: "boolean",
    ..READ
};

fn attribute(name: &str, says: &str, shape: &Shape, parts: Vec<Value>) -> Value {
    let mut attribute = json!({
        "name": name,
        "type": shape.kind,
        "multiValued": shape.is_several,
        "description": says,
        "required": shape.is_required,
        "caseExact": false,
        "mutability": shape.mutability,
        "returned": "default",
        "uniqueness": shape.uniqueness,
    });
    if !parts.is_empty() {
        attribute["subAttributes"] = Value::Array(parts);
    }
    attribute
}

fn plain(name: &str, says: &str) -> Value {
    attribute(name, says, &TEXT, Vec::new())
}

fn read(name: &str, says: &str) -> Value {
    attribute(name, says, &READ, Vec::new())
}

fn reference(says: &str, to: &str) -> Value {
    let shape = Shape {
        kind: "reference",
        ..READ
    };
    let mut attribute = attribute("$ref", says, &shape, Vec::new());
    attribute["referenceTypes"] = json!([to]);
    attribute
}

fn of_users() -> Vec<Value> {
    let truth = Shape {
        kind: "boolean",
        ..TEXT
    };
    let complex = Shape {
        kind: "complex",
        ..TEXT
    };
    let read_several = Shape {
        is_several: true,
        kind: "complex",
        ..READ
    };
    let login = Shape {
        is_required: true,
        uniqueness: "server",
        ..TEXT
    };
    vec![
        attribute("userName", "The name for signing in.", &login, Vec::new()),
        attribute(
            "name",
            "The parts of the name.",
            &complex,
            vec![
                plain("givenName", "Given name."),
                plain("familyName", "Family name."),
            ],
        ),
        plain("displayName", "As shown."),
        emails(),
        plain(
            "timezone",
            "IANA name such as Europe/Berlin; others are left aside.",
        ),
        plain("locale", "How dates are written, such as de-AT."),
        attribute(
            "active",
            "False: own tokens stop at once until they return.",
            &truth,
            Vec::new(),
        ),
        attribute(
            "groups",
            "The teams.",
            &read_several,
            vec![
                read("value", "The id of the team."),
                reference("Its address.", "Group"),
                read("display", "Its name."),
                read("type", "Always direct."),
            ],
        ),
    ]
}

fn emails() -> Value {
    let truth = Shape {
        kind: "boolean",
        ..TEXT
    };
    let several = Shape {
        kind: "complex",
        is_several: true,
        ..TEXT
    };
    let mut kind = plain("type", "Always work.");
    kind["canonicalValues"] = json!(["work"]);
    attribute(
        "emails",
        "Where to write; the primary one is kept.",
        &several,
        vec![
            plain("value", "The address."),
            kind,
            attribute("primary", "Whether to write there.", &truth, Vec::new()),
        ],
    )
}

fn of_groups() -> Vec<Value> {
    let name = Shape {
        is_required: true,
        uniqueness: "server",
        ..TEXT
    };
    let several = Shape {
        is_several: true,
        kind: "complex",
        ..TEXT
    };
    let fixed = Shape {
        mutability: "immutable",
        ..TEXT
    };
    let mut refers = reference("The address of the person.", "User");
    refers["mutability"] = json!("immutable");
    vec![
        attribute(
            "displayName",
            "As shown, and how the configuration names it.",
            &name,
            Vec::new(),
        ),
        attribute(
            "members",
            "The people.",
            &several,
            vec![
                attribute("value", "The id of the person.", &fixed, Vec::new()),
                refers,
            ],
        ),
    ]
}

fn of_config() -> Vec<Value> {
    let complex = Shape {
        kind: "complex",
        ..READ
    };
    let can = |name: &str| {
        let supported = attribute(
            "supported",
            "Whether it can be done.",
            &READ_TRUTH,
            Vec::new(),
        );
        attribute(name, "Whether it can be done.", &complex, vec![supported])
    };
    let mut all: Vec<Value> = ["patch", "bulk", "filter", "changePassword", "sort", "etag"]
        .map(can)
        .into();
    let several = Shape {
        is_several: true,
        ..complex
    };
    let schemes =
        ["type", "name", "description", "specUri"].map(|name| read(name, "How to prove who asks."));
    all.push(attribute(
        "authenticationSchemes",
        "How to prove who asks.",
        &several,
        schemes.into(),
    ));
    all
}

fn of_types() -> Vec<Value> {
    ["id", "name", "description", "endpoint", "schema"]
        .map(|name| read(name, "Of the resource type."))
        .into()
}

fn of_schemas() -> Vec<Value> {
    let several = Shape {
        is_several: true,
        kind: "complex",
        ..READ
    };
    let mut all: Vec<Value> = ["id", "name", "description"]
        .map(|name| read(name, "Of the schema."))
        .into();
    let parts = [
        "name",
        "type",
        "description",
        "mutability",
        "returned",
        "uniqueness",
    ];
    let parts = parts.map(|name| read(name, "Of the attribute."));
    all.push(attribute(
        "attributes",
        "What is kept.",
        &several,
        parts.into(),
    ));
    all
}

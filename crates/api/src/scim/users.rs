//! `/scim/v2/Users`: persons.

use app::people::{
    PatchPerson, admit_person, dismiss_person, is_locale, is_time_zone, keep_person,
};
use app::{AppError, Context, Principal};
use domain::people::{Directory, Person, Provisioned};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::attribute::{get, text, truth};
use super::calls::{self, Resource};
use super::resource::{changed_text, meta, without_nothing};
use super::{LISTED, MEDIA_TYPE, NEEDS, SHOWN};
use crate::problem::Problem;
use crate::route::Route;

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ALL: &str = "/scim/v2/Users";
const ONE: &str = "/scim/v2/Users/{id}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, NEEDS, calls::find::<Person>)
            .says("Lists persons as SCIM users.")
            .takes(LISTED)
            .takes(SHOWN)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::post(ALL, NEEDS, calls::create::<Person>)
            .says("Adds a person; one who was taken away before and is the same comes back.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::CREATED, MEDIA_TYPE),
        Route::get(ONE, NEEDS, calls::one::<Person>)
            .says("Shows a person as a SCIM user.")
            .takes(SHOWN)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::put(ONE, NEEDS, calls::replace::<Person>)
            .says("Replaces what is given of a person; what is not mentioned stays.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::patch(ONE, NEEDS, calls::change::<Person>)
            .says("Changes a person; `active: false` stops own tokens at once until they return.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::delete(ONE, NEEDS, calls::remove::<Person>)
            .says("Takes a person away: deactivated, out of all teams, and no longer listed here.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

impl Resource for Person {
    type Wish = PatchPerson;

    const UNKNOWN: &'static str = "a user of this id";

    fn all(directory: &Directory) -> impl Iterator<Item = &Self> {
        directory.persons.values()
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn show(&self, directory: &Directory, base: &str) -> Value {
        show(self, directory, base)
    }

    fn read(document: &Value, before: Option<&Self>) -> Result<Self::Wish, Problem> {
        read(document, before)
    }

    async fn admit(ctx: &Context, caller: &Principal, wish: PatchPerson) -> Result<Self, AppError> {
        admit_person(ctx, caller, wish).await
    }

    async fn keep(
        ctx: &Context,
        caller: &Principal,
        id: &str,
        decide: impl Fn(&Self, &Directory) -> Result<PatchPerson, Problem> + Send + Sync,
    ) -> Result<Self, Problem> {
        keep_person(ctx, caller, id, decide).await
    }

    async fn dismiss(ctx: &Context, caller: &Principal, id: &str) -> Result<(), AppError> {
        dismiss_person(ctx, caller, id).await
    }
}

/// A person as a document.
fn show(person: &Person, directory: &Directory, base: &str) -> Value {
    let location = format!("{base}/Users/{}", person.id);
    let groups = directory.teams_of(&person.id).map(|team| {
        json!({
            "value": team.id,
            "$ref": format!("{base}/Groups/{}", team.id),
            "display": team.name,
            "type": "direct",
        })
    });
    let groups: Vec<Value> = groups.collect();
    let email = person.email.as_ref();
    without_nothing(json!({
        "schemas": [SCHEMA],
        "id": person.id,
        "externalId": person.provisioned.external_id,
        "userName": person.user_name(),
        "name": composed(&person.provisioned).map(|_| without_nothing(json!({
            "givenName": person.provisioned.given_name,
            "familyName": person.provisioned.family_name,
        }))),
        "displayName": person.name,
        "emails": email.map(|e| json!([{ "value": e, "type": "work", "primary": true }])),
        "timezone": person.time_zone,
        "locale": person.locale,
        "active": person.active,
        "groups": (!groups.is_empty()).then_some(groups),
        "meta": meta("User", &location, person.created_at),
    }))
}

/// Given and family name together.
fn composed(provisioned: &Provisioned) -> Option<String> {
    let parts = [&provisioned.given_name, &provisioned.family_name];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What a document wants of a person; what it does not mention stays.
fn read(document: &Value, before: Option<&Person>) -> Result<PatchPerson, Problem> {
    let stands = before.map(|p| p.provisioned.clone()).unwrap_or_default();
    let user_name = match (get(document, "userName"), before) {
        (None, Some(_)) => None,
        _ => Some(
            text(document, "userName")
                .ok_or_else(|| Problem::field("/userName", "must be a text that is not empty"))?,
        ),
    };
    let nothing = Value::Object(Map::new());
    let none = json!({ "givenName": null, "familyName": null });
    let names = match get(document, "name") {
        None => &nothing,
        Some(Value::Null) => &none,
        Some(names) => names,
    };
    let after = Provisioned {
        external_id: changed_text(document, "externalId")?.unwrap_or(stands.external_id),
        given_name: changed_text(names, "givenName")?.unwrap_or(stands.given_name),
        family_name: changed_text(names, "familyName")?.unwrap_or(stands.family_name),
        user_name: match user_name {
            Some(name) => Some(name.to_owned()),
            None => stands.user_name,
        },
        removed: false,
    };
    let name = name(document, names, before, &after);
    Ok(PatchPerson {
        name: name.or_else(|| {
            before
                .is_none()
                .then(|| user_name.unwrap_or("?").to_owned())
        }),
        email: email(document, user_name.filter(|_| before.is_none())),
        time_zone: zone(document),
        locale: locale(document),
        active: get(document, "active").and_then(truth),
        provisioned: Some(after),
        ..PatchPerson::default()
    })
}

/// The name to be shown: as it is said, else put together from its parts.
fn name(
    document: &Value,
    names: &Value,
    before: Option<&Person>,
    after: &Provisioned,
) -> Option<String> {
    let said = text(document, "displayName");
    let said = said.filter(|said| before.is_none_or(|p| *said != p.name.as_str()));
    let whole = text(names, "formatted");
    let parts = || {
        // Where the name is the parts, it follows them.
        let follows = |p: &Person| composed(&p.provisioned).is_some_and(|c| c == p.name.as_str());
        let dropped = get(document, "displayName").is_some_and(Value::is_null);
        let follow = dropped || before.is_none_or(follows);
        composed(after).filter(|_| follow)
    };
    said.or(whole).map(str::to_owned).or_else(parts)
}

/// The primary address, else that of work, else the first. For somebody new who has none,
/// the name for signing in, if that is one.
fn email(document: &Value, user_name: Option<&str>) -> Option<Option<String>> {
    let Some(given) = get(document, "emails") else {
        return user_name
            .filter(|name| name.contains('@'))
            .map(|name| Some(name.to_owned()));
    };
    let items = given.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_primary = |item: &&Value| get(item, "primary").and_then(truth) == Some(true);
    let is_work =
        |item: &&Value| text(item, "type").is_some_and(|t| t.eq_ignore_ascii_case("work"));
    let has_one = |item: &&Value| text(item, "value").is_some();
    let first = || items.iter().filter(has_one);
    let found = first().find(is_primary).or_else(|| first().find(is_work));
    let found = found.or_else(|| first().next());
    Some(
        found
            .and_then(|item| text(item, "value"))
            .map(str::to_owned),
    )
}

/// A time zone that is none here changes nothing: nobody is kept out for it.
fn zone(document: &Value) -> Option<Option<String>> {
    get(document, "timezone")?;
    match text(document, "timezone") {
        None => Some(None),
        Some(zone) => is_time_zone(zone).then(|| Some(zone.to_owned())),
    }
}

/// As with time zones. Some write `de_AT`.
fn locale(document: &Value) -> Option<Option<String>> {
    get(document, "locale")?;
    match text(document, "locale").map(|tag| tag.replace('_', "-")) {
        None => Some(None),
        Some(tag) => is_locale(&tag).then_some(Some(tag)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(document: Value) -> PatchPerson {
        read(&document, None).unwrap()
    }

    #[test]
    fn the_address_is_the_primary_one_or_that_of_work_or_the_name() {
        let emails = json!([
            {"value": "home@example.org", "type": "home"},
            {"value": "work@example.org", "type": "work"},
            {"value": "first@example.org", "primary": "True"},
        ]);
        let of = |emails: Value| wanted(json!({"userName": "a", "emails": emails})).email;
        assert_eq!(
            of(emails.clone()),
            Some(Some("first@example.org".to_owned()))
        );
        let two = Value::Array(emails.as_array().unwrap()[..2].to_vec());
        assert_eq!(of(two), Some(Some("work@example.org".to_owned())));
        assert_eq!(of(json!([])), Some(None));
        let bare = wanted(json!({"userName": "ada@example.org"}));
        assert_eq!(bare.email, Some(Some("ada@example.org".to_owned())));
        assert_eq!(wanted(json!({"userName": "ada"})).email, None);
    }

    #[test]
    fn a_name_is_said_or_put_together() {
        let parts = json!({"givenName": "Ada", "familyName": "King"});
        let name = |document| wanted(document).name.unwrap();
        assert_eq!(
            name(json!({"userName": "a", "displayName": "A. K.", "name": parts})),
            "A. K."
        );
        assert_eq!(name(json!({"userName": "a", "name": parts})), "Ada King");
        assert_eq!(name(json!({"userName": "a"})), "a");
    }

    #[test]
    fn a_user_needs_a_name_to_sign_in_with() {
        for bad in [
            json!({}),
            json!({"userName": ""}),
            json!({"userName": null}),
            json!({"userName": 3}),
        ] {
            assert!(read(&bad, None).is_err(), "{bad}");
        }
        let long = json!({"userName": "a", "externalId": "x".repeat(256)});
        assert!(read(&long, None).is_err());
        let fits = json!({"userName": "a", "externalId": "x".repeat(255)});
        assert!(read(&fits, None).is_ok());
    }
}

//! Whom does the issuing system mean by its owner?

use domain::inventory::{Credential, IssuerOwner};
use domain::kernel::{Email, Instant};
use domain::people::{Directory, Owner};

/// The person or service account that the issuer's owner is: by address, by our own id,
/// by a name that only one carries. `None` when nobody is meant without doubt.
pub(super) fn resolve(owner: &IssuerOwner, directory: &Directory) -> Option<Owner> {
    let spelled = [
        owner.email.as_deref(),
        Some(owner.id.as_str()),
        owner.name.as_deref(),
    ];
    let by_address = spelled.into_iter().flatten().find_map(|text| {
        let email = Email::parse(text).ok()?;
        directory.person_by_email(&email)
    });
    if let Some(person) = by_address {
        return Some(Owner::Person(person.id.clone()));
    }
    let own = Owner::parse(&owner.id).ok();
    if let Some(own) = own.filter(|own| is_known(own, directory)) {
        return Some(own);
    }
    [Some(owner.id.as_str()), owner.name.as_deref()]
        .into_iter()
        .flatten()
        .find_map(|name| the_only(name, directory))
}

fn is_known(owner: &Owner, directory: &Directory) -> bool {
    match owner {
        Owner::Person(id) => directory.persons.contains_key(id),
        Owner::ServiceAccount(id) => directory.service_accounts.contains_key(id),
    }
}

/// Names need not be unique; only one that is says who is meant. A user name is also
/// the part of an address before the `@`.
fn the_only(name: &str, directory: &Directory) -> Option<Owner> {
    if name.is_empty() {
        return None;
    }
    let local = |email: &Email| {
        let local = email.as_str().split('@').next();
        local.is_some_and(|local| local.eq_ignore_ascii_case(name))
    };
    let persons = directory.persons.values().filter(|p| {
        p.name.as_str().eq_ignore_ascii_case(name) || p.email.as_ref().is_some_and(local)
    });
    let accounts = directory.service_accounts.values();
    let accounts = accounts.filter(|s| s.name.as_str().eq_ignore_ascii_case(name));
    let mut found = persons
        .map(|p| Owner::Person(p.id.clone()))
        .chain(accounts.map(|s| Owner::ServiceAccount(s.id.clone())));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Sets the owner that the issuer names, unless somebody assigned another by hand and the
/// issuer still means the same one as then. `resolve` finds whom an owner is.
pub(super) fn assign(
    credential: &mut Credential,
    told: Option<IssuerOwner>,
    directory: &Directory,
    now: Instant,
    mut resolve: impl FnMut(&IssuerOwner) -> Option<Owner>,
) {
    let before = credential.issuer_owner.as_ref();
    if let Some(told) = told.filter(|told| before != Some(told) || credential.owner.is_none()) {
        let another = before.is_none_or(|before| before.id != told.id);
        let by_hand = !another
            && credential.owner.is_some()
            && credential.owner != before.and_then(&mut resolve);
        if !by_hand {
            credential.owner = resolve(&told);
        }
        credential.issuer_owner = Some(told);
    }
    let owner = credential.owner.as_ref();
    credential.orphaned = !owner.is_some_and(|owner| directory.owner_is_active(owner, now));
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::kernel::{Name, PersonId};
    use domain::people::Person;

    fn person(name: &str, email: &str) -> Person {
        Person {
            id: PersonId::derived(&[email]),
            name: Name::parse(name).unwrap(),
            email: Some(Email::parse(email).unwrap()),
            time_zone: None,
            roles: Default::default(),
            active: true,
            leaves_at: None,
            bounced_at: None,
            claimed: None,
            locale: None,
            provisioned: Default::default(),
            created_at: Instant::EPOCH,
            version: 1,
        }
    }

    fn directory(persons: &[Person]) -> Directory {
        Directory {
            persons: persons.iter().map(|p| (p.id.clone(), p.clone())).collect(),
            ..Directory::default()
        }
    }

    fn named(id: &str, name: Option<&str>, email: Option<&str>) -> IssuerOwner {
        IssuerOwner {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
        }
    }

    #[test]
    fn an_address_says_who_is_meant_wherever_it_stands() {
        let ada = person("Ada", "ada@example.org");
        let everybody = directory(std::slice::from_ref(&ada));
        for told in [
            named("u-1", None, Some("ADA@example.org")),
            named("ada@example.org", None, None),
            named("u-1", Some("ada@example.org"), None),
            named("u-1", Some("ada"), None),
        ] {
            let owner = resolve(&told, &everybody);
            assert_eq!(owner, Some(Owner::Person(ada.id.clone())), "{told:?}");
        }
    }

    #[test]
    fn a_name_that_two_carry_says_nothing() {
        let two = [
            person("Sam Doe", "sam@one.example"),
            person("Sam Doe", "sam@two.example"),
        ];
        let told = named("u-1", Some("Sam Doe"), None);
        assert_eq!(resolve(&told, &directory(&two)), None);
    }
}

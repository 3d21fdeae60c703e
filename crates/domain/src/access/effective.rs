//! What may be done at this moment: roles resolved, cut to what the owner holds.

use std::collections::BTreeMap;

use crate::kernel::{Instant, RoleName};
use crate::people::{Directory, Owner};

use super::{Grant, Role};

/// All roles by name.
pub type Roles = BTreeMap<RoleName, Role>;

/// What these roles grant together; a role that does not exist grants nothing.
pub fn grant_of<'a>(names: impl IntoIterator<Item = &'a RoleName>, roles: &Roles) -> Grant {
    names
        .into_iter()
        .filter_map(|name| roles.get(name))
        .fold(Grant::NONE, |sum, role| sum.union(&role.grant))
}

/// What the owner may do at `now`: nothing while unknown, disabled or gone.
pub fn owner_grant(owner: &Owner, directory: &Directory, roles: &Roles, now: Instant) -> Grant {
    if directory.owner_is_active(owner, now) {
        grant_of(directory.owner_roles(owner), roles)
    } else {
        Grant::NONE
    }
}

/// What a token may do: its roles and scopes, cut to what its owner holds. Unlike
/// [`owner_grant`] this does not ask whether the owner is active: a suspended token keeps
/// its scopes in lists and is refused for being suspended.
pub fn effective(
    token_roles: &[RoleName],
    token_scopes: &Grant,
    owner: &Owner,
    directory: &Directory,
    roles: &Roles,
) -> Grant {
    grant_of(token_roles, roles)
        .union(token_scopes)
        .intersection(&grant_of(directory.owner_roles(owner), roles))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::check_grant;

    fn role(name: &str, words: &[&str]) -> Role {
        Role {
            name: RoleName::parse(name).unwrap(),
            description: String::new(),
            grant: Grant::parse(words).unwrap(),
            fixed: false,
            may_rotate_itself: true,
            version: 1,
        }
    }

    fn table(roles: Vec<Role>) -> Roles {
        roles.into_iter().map(|r| (r.name.clone(), r)).collect()
    }

    /// B27: names are compared exactly; what is not there grants nothing.
    #[test]
    fn a_role_of_another_case_grants_nothing() {
        let roles = table(vec![role("Admin", &["*"])]);
        let names = [RoleName::parse("admin").unwrap()];
        assert_eq!(grant_of(&names, &roles), Grant::NONE);
    }

    proptest! {
        /// B28, Show 7: whatever the roles, a token never holds what its owner lacks.
        #[test]
        fn a_token_never_holds_what_its_owner_lacks(
            grants in prop::collection::vec(prop::collection::btree_set("[a-d]|\\*", 0..3), 3),
            scopes in prop::collection::btree_set("[a-e]|\\*", 0..3),
            token_has in prop::collection::vec(0_usize..3, 0..3),
            owner_has in prop::collection::vec(0_usize..3, 0..3),
        ) {
            let roles = table(grants.iter().enumerate().map(|(n, words)| {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                role(&format!("r{n}"), &words)
            }).collect());
            let name = |n: &usize| RoleName::parse(format!("r{n}")).unwrap();
            let (directory, owner) = one_owner(owner_has.iter().map(name).collect());
            let scopes = Grant::parse(&scopes.into_iter().collect::<Vec<_>>()).unwrap();
            let names: Vec<RoleName> = token_has.iter().map(name).collect();
            let held = effective(&names, &scopes, &owner, &directory, &roles);
            let ceiling = owner_grant(&owner, &directory, &roles, Instant::EPOCH);
            prop_assert!(check_grant(&held, &ceiling).is_ok());
        }
    }

    fn one_owner(roles: std::collections::BTreeSet<RoleName>) -> (Directory, Owner) {
        use crate::kernel::{Name, ServiceAccountId};
        use crate::people::ServiceAccount;
        let id = ServiceAccountId::parse("sva_x").unwrap();
        let account = ServiceAccount {
            id: id.clone(),
            name: Name::parse("x").unwrap(),
            team: None,
            roles,
            active: true,
            created_at: Instant::EPOCH,
            version: 1,
        };
        let mut directory = Directory::default();
        directory.service_accounts.insert(id.clone(), account);
        (directory, Owner::ServiceAccount(id))
    }
}

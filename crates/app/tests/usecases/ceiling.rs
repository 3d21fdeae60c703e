//! P6: nobody grants more than they hold, through the use cases themselves.

use app::roles::{CreateRole, PatchRole, change_role, create_role};
use app::tokens::IssueToken;
use domain::access::{Grant, check_grant};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::world::{World, missing, words};

/// B28: each pair of maker's and asked-for scopes; what is missing is named.
#[tokio::test]
async fn a_token_is_never_wider_than_its_maker() {
    let world = World::new().await;
    let all = ["a", "b", "*"];
    for held in all {
        let role = format!("Holds {}", held.replace('*', "all"));
        world.role(&role, &["tokens:issue", held]).await;
        let owner = world.account(&format!("by {held}"), &[&role]).await;
        let maker = world.with(&world.token(owner.id.as_str(), &[&role]).await);
        for asked in all {
            let request = IssueToken {
                name: "t".into(),
                scopes: words(&[asked]),
                ..IssueToken::default()
            };
            let got = world.issue(&maker, request).await;
            if held == asked || held == "*" {
                assert_eq!(got.unwrap().item.token.scopes.words(), [asked]);
            } else {
                assert_eq!(missing(&got.unwrap_err()), [asked]);
            }
        }
    }
}

/// P6: an admin cannot give a service account's token what the account does not hold.
#[tokio::test]
async fn a_token_is_never_wider_than_its_owner() {
    let world = World::new().await;
    world.role("Reader", &["billing:read"]).await;
    let owner = world.account("etl", &["Reader"]).await;
    let request = IssueToken {
        name: "t".into(),
        owner: Some(owner.id.to_string()),
        scopes: words(&["billing:read", "billing:write"]),
        ..IssueToken::default()
    };
    let error = world.issue(&world.admin, request).await.unwrap_err();
    assert_eq!(missing(&error), ["billing:write"]);
    assert!(error.to_string().contains("owner"));
}

/// P6: a role's editor holds everything it grants, before and after.
#[tokio::test]
async fn a_role_is_edited_only_by_who_holds_all_it_grants() {
    let world = World::new().await;
    world
        .role(
            "Editor",
            &["roles:write", "roles:read", "tokens:issue", "a"],
        )
        .await;
    world.role("Wide", &["a", "b"]).await;
    world.role("Narrow", &["a"]).await;
    world.person("eve", &["Editor"]).await;
    let eve = world.with(&world.token("eve@example.org", &["Editor"]).await);
    let shrink = PatchRole {
        scopes: Some(vec![]),
        ..PatchRole::default()
    };
    let error = change_role(&world.ctx, &eve, "Wide", shrink, None)
        .await
        .unwrap_err();
    assert_eq!(missing(&error), ["b"]);
    let widen = PatchRole {
        scopes: Some(words(&["a", "b"])),
        ..PatchRole::default()
    };
    let error = change_role(&world.ctx, &eve, "Narrow", widen, None)
        .await
        .unwrap_err();
    assert_eq!(missing(&error), ["b"]);
    let own = PatchRole {
        scopes: Some(words(&["*"])),
        ..PatchRole::default()
    };
    let error = change_role(&world.ctx, &eve, "Editor", own, None)
        .await
        .unwrap_err();
    assert_eq!(missing(&error), ["*"]);
    let request = CreateRole {
        name: "Mine".into(),
        scopes: words(&["*"]),
        ..CreateRole::default()
    };
    let error = create_role(&world.ctx, &eve, request).await.unwrap_err();
    assert_eq!(missing(&error), ["*"]);
}

const WORDS: [&str; 5] = ["a", "b", "c", "audit:read", "*"];
const CASES: u32 = 10_000;

/// B28, Show 7: 10,000 random roles, callers and wishes; no token that comes out holds a
/// scope that its maker or its owner lacks, and what is refused names why.
#[test]
fn no_random_caller_obtains_a_scope_its_maker_lacks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let casts = runtime.block_on(every_cast(&world));
    let cast = || 0..casts.len();
    let asked = prop::collection::btree_set(prop::sample::select(WORDS.to_vec()), 0..4);
    let roles = prop::collection::btree_set(cast(), 0..3);
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(
            &(cast(), cast(), asked, roles),
            |(maker, owner, scopes, roles)| {
                let roles: Vec<&Cast> = roles.iter().map(|at| &casts[*at]).collect();
                let wish = (scopes.into_iter().collect::<Vec<_>>(), roles);
                runtime.block_on(one_case(&world, &casts[maker], &casts[owner], &wish));
                Ok(())
            },
        )
        .unwrap();
}

/// A role for a subset of the words, and an account with that role.
struct Cast {
    role: String,
    grant: Grant,
    account: String,
    caller: app::Principal,
}

/// One cast for each subset, all of whom may issue for others.
async fn every_cast(world: &World) -> Vec<Cast> {
    let mut casts = Vec::new();
    for bits in 0..1_u32 << WORDS.len() {
        let chosen = WORDS.iter().enumerate().filter(|(n, _)| bits >> n & 1 == 1);
        let mut scopes: Vec<&str> = chosen.map(|(_, word)| *word).collect();
        scopes.extend(["tokens:issue", "tokens:issue-for-others"]);
        let role = format!("role {bits}");
        world.role(&role, &scopes).await;
        let account = world.account(&role, &[&role]).await.id.to_string();
        casts.push(Cast {
            caller: world.with(&world.token(&account, &[&role]).await),
            grant: Grant::parse(&scopes).unwrap(),
            role,
            account,
        });
    }
    casts
}

async fn one_case(
    world: &World,
    maker: &Cast,
    owner: &Cast,
    (scopes, roles): &(Vec<&str>, Vec<&Cast>),
) {
    let request = IssueToken {
        name: "t".into(),
        owner: Some(owner.account.clone()),
        scopes: words(scopes),
        roles: roles.iter().map(|r| r.role.clone()).collect(),
        ..IssueToken::default()
    };
    let asked = roles
        .iter()
        .fold(Grant::parse(scopes).unwrap(), |sum, r| sum.union(&r.grant));
    let within = |ceiling: &Grant| check_grant(&asked, ceiling).is_ok();
    match world.issue(&maker.caller, request).await {
        Ok(issued) => {
            assert!(within(&maker.grant) && within(&owner.grant));
            assert_eq!(*world.with(&issued).grant, asked);
        }
        Err(error) => {
            assert!(!within(&maker.grant) || !within(&owner.grant));
            assert!(!missing(&error).is_empty());
        }
    }
}

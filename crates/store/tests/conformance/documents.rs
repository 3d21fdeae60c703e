//! Documents of other versions (decision 0002): what an older one wrote lacks fields that
//! came later, what a newer one wrote has fields that nobody here knows.
//!
//! The texts are what version 0.1.0 writes, without what has a default. They are never
//! edited: a field that comes later needs a default, or a migration and its own text here.

use app::ports::{SourceState, Write};
use domain::kernel::{
    AlertId, CredentialId, MessageId, NoticeKey, PersonId, RoleName, ServiceAccountId, SourceId,
    TeamId,
};
use domain::people::Recipient;
use store::{Sqlite, SqliteOptions};
use tokio_postgres::NoTls;

use crate::given;
use crate::stage::{Database, Shared, put};

/// Table, id and document.
const OLDER: [(&str, &str, &str); 10] = [
    (
        "credentials",
        "c1",
        r#"{"id":"c1","source":"prod","external_id":"x-c1","kind":"API_TOKEN","name":"Old","name_is_given":true,"end":{"is":"known","at":"2027-01-25T08:00:00Z"},"use_is_known":true,"suspended":false,"orphaned":false,"first_seen_at":"2027-01-10T08:00:00Z","confirmed_at":"2027-01-15T08:00:00Z","version":1}"#,
    ),
    (
        "tokens",
        "c1",
        r#"{"id":"c1","kind":"personal","mac":"0707070707070707070707070707070707070707070707070707070707070707","key_version":1,"roles":["None"],"scopes":["billing:read"],"created_by":"system","version":1}"#,
    ),
    (
        "roles",
        "R",
        r#"{"name":"R","description":"Old","grant":["credentials:read"],"fixed":false,"version":1}"#,
    ),
    (
        "people",
        "per_1",
        r#"{"id":"per_1","name":"Old","active":true,"created_at":"2027-01-15T08:00:00Z","version":1}"#,
    ),
    (
        "teams",
        "team_1",
        r#"{"id":"team_1","name":"Old","created_at":"2027-01-15T08:00:00Z","version":1}"#,
    ),
    (
        "service_accounts",
        "sva_1",
        r#"{"id":"sva_1","name":"Old","active":true,"created_at":"2027-01-15T08:00:00Z","version":1}"#,
    ),
    (
        "alerts",
        "alr_4RMa3TSgdlwT5M9EvDIEla",
        r#"{"id":"alr_4RMa3TSgdlwT5M9EvDIEla","subject":"credential:c1","kind":"expiry","end":"2027-01-25T08:00:00Z","opened_at":"2027-01-15T08:00:00Z","settled":[],"occurrence":3,"version":1}"#,
    ),
    (
        "notices",
        "k1",
        r#"{"key":"k1","alert":"alr_4RMa3TSgdlwT5M9EvDIEla","subject":"credential:c1","kind":"expiry","end":"2027-01-25T08:00:00Z","step":"14d","occurrence":3,"recipient":"person:per_1","role":"owner","reason":"Old","created_at":"2027-01-15T08:00:00Z","state":{"is":"pending"}}"#,
    ),
    (
        "messages",
        "msg_1",
        r#"{"id":"msg_1","kind":"notices","recipient":"person:per_1","channel":"mail","sweep":"swp_1","notices":[],"state":"queued","not_before":"2027-01-15T08:00:00Z","deadline":"2027-01-20T08:00:00Z","created_at":"2027-01-15T08:00:00Z"}"#,
    ),
    (
        "sources",
        "prod",
        r#"{"id":"prod","system":"Old","imported":true,"version":1}"#,
    ),
];

/// What a later version adds.
const NEWER: &str = r#","since_2031":{"deep":[1,null,"x"]}"#;

/// One statement that puts the texts in place of what this version wrote.
fn rewrite(more: &str) -> String {
    let one = |(table, id, text): (&str, &str, &str)| {
        let open = text.strip_suffix('}').unwrap();
        format!("UPDATE {table} SET doc = '{open}{more}}}' WHERE id = '{id}';")
    };
    OLDER.into_iter().map(one).collect()
}

async fn fill(store: &Shared) {
    let alert = given::alert("c1");
    assert_eq!(alert.id.as_str(), OLDER[6].1);
    let source = SourceState::new(SourceId::parse("prod").unwrap(), "foundry");
    let writes = vec![
        Write::PutCredential(Box::new(given::credential("c1"))),
        Write::PutToken(Box::new(given::token("c1"))),
        Write::PutRole(given::role("R")),
        Write::PutPerson(given::person("per_1")),
        Write::PutTeam(given::team("team_1")),
        Write::PutServiceAccount(given::service_account("sva_1")),
        Write::AddNotice(Box::new(given::notice("k1", &alert.id))),
        Write::PutAlert(Box::new(alert)),
        Write::AddMessage(Box::new(given::message("msg_1", &["k1"]))),
        Write::PutSource(Box::new(source)),
    ];
    put(store, writes).await.unwrap();
}

/// Each is read with the defaults of what it lacks, and can be written again.
async fn read(store: &Shared) {
    let id = CredentialId::parse("c1").unwrap();
    let credential = store.credential(&id).await.unwrap().unwrap();
    assert_eq!(credential.name.as_str(), "Old");
    assert!(credential.labels.is_empty() && credential.advice.is_empty());
    assert!(!credential.in_overlap && credential.cut.is_none());
    assert!(credential.lead_time.is_none());
    let token = store.token(&id).await.unwrap().unwrap();
    assert!(token.ingest_source.is_none() && token.ends_on_first_use.is_none());
    let role = RoleName::parse("R").unwrap();
    let roles = store.roles().await.unwrap();
    assert!(
        roles[&role].may_rotate_itself,
        "a role forbids nothing by itself"
    );
    let person = PersonId::parse("per_1").unwrap();
    let person = store.person(&person).await.unwrap().unwrap();
    assert!(person.roles.is_empty() && person.leaves_at.is_none());
    let team = TeamId::parse("team_1").unwrap();
    assert!(store.team(&team).await.unwrap().unwrap().members.is_empty());
    let account = ServiceAccountId::parse("sva_1").unwrap();
    let account = store.service_account(&account).await.unwrap().unwrap();
    assert!(account.active && account.roles.is_empty());
    let alert = AlertId::parse(OLDER[6].1).unwrap();
    let alert = store.alert(&alert).await.unwrap().unwrap();
    assert!(alert.occurrence == 3 && alert.told.is_empty() && alert.held_until.is_none());
    let notice = NoticeKey::parse("k1").unwrap();
    let notices = store.notices(&[notice]).await.unwrap();
    assert!(notices[0].reason == "Old" && notices[0].resolution.is_none());
    let message = MessageId::parse("msg_1").unwrap();
    let message = store.message(&message).await.unwrap().unwrap();
    assert!(matches!(message.recipient, Recipient::Person(_)));
    assert_eq!((message.attempts, message.payload), (0, None));
    let source = SourceId::parse("prod").unwrap();
    let source = store.source(&source).await.unwrap().unwrap();
    assert_eq!((source.system.as_str(), source.read), ("Old", 0));
    let writes = vec![
        Write::PutCredential(Box::new(credential)),
        Write::PutToken(Box::new(token)),
        Write::PutPerson(person),
        Write::PutAlert(Box::new(alert)),
        Write::PutSource(Box::new(source)),
    ];
    put(store, writes).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_of_other_versions_are_read_on_sqlite() {
    for more in ["", NEWER] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("forewarn.db");
        let open = || Sqlite::open(&path, &SqliteOptions::default()).unwrap();
        let store = open();
        fill(&store).await;
        drop(store);
        let file = rusqlite::Connection::open(&path).unwrap();
        file.execute_batch(&rewrite(more)).unwrap();
        drop(file);
        read(&open()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_of_other_versions_are_read_on_postgresql() {
    for more in ["", NEWER] {
        let Some(database) = Database::fresh().await else {
            return;
        };
        let store = database.store().await;
        fill(&store).await;
        let (client, connection) = tokio_postgres::connect(&database.url(), NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client.batch_execute(&rewrite(more)).await.unwrap();
        read(&store).await;
        drop((store, client));
        database.remove().await;
    }
}

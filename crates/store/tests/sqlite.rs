//! What only a store in a file must do: locks, modes, crashes, copies.
#![expect(
    clippy::unwrap_used,
    reason = "a claim that cannot be tried has failed"
)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use app::ports::{AuditEntry, Changes, Store, StoreError, Write};
use domain::access::{Grant, Role};
use domain::kernel::{Instant, RoleName};
use store::{OpenError, Sqlite, SqliteOptions};

const CHILD_PATH: &str = "FOREWARN_TEST_CHILD_DATABASE";

fn open(path: &Path) -> Result<Arc<dyn Store>, OpenError> {
    Sqlite::open(path, &SqliteOptions::default())
}

fn role(name: &str) -> Role {
    Role {
        name: RoleName::parse(name).unwrap(),
        description: "x".repeat(500),
        grant: Grant::parse(&["a"]).unwrap(),
        fixed: false,
        may_rotate_itself: true,
        version: 0,
    }
}

/// A role and the audit row that tells of it.
fn made(name: &str) -> Changes {
    Changes {
        writes: vec![Write::PutRole(role(name))],
        audit: vec![AuditEntry {
            at: Instant::EPOCH,
            actor: "system".to_owned(),
            action: "role.create".to_owned(),
            target: format!("role:{name}"),
            details: serde_json::Value::Null,
        }],
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused_with_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("forewarn.db");
    let first = open(&path).unwrap();
    let Err(refused) = open(&path) else {
        panic!("two servers opened one file")
    };
    assert!(matches!(refused, OpenError::InUse(_)));
    assert!(refused.to_string().contains("--data"), "{refused}");
    first.commit(made("a")).await.unwrap();
    drop(first);
    let second = open(&path).unwrap();
    assert_eq!(second.roles().await.unwrap().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_of_the_database_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("forewarn.db")).unwrap();
    store.commit(made("a")).await.unwrap();
    store.backup(&dir.path().join("copy.db")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(files.len() >= 4, "database, log, lock and copy");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
}

#[tokio::test]
async fn a_copy_is_whole_and_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("forewarn.db")).unwrap();
    for n in 0..20 {
        store.commit(made(&format!("r{n}"))).await.unwrap();
    }
    let copy = dir.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    let again = store.backup(&copy).await;
    assert!(
        matches!(again, Err(StoreError::Unavailable(_))),
        "{again:?}"
    );
    let restored = open(&copy).unwrap();
    assert_eq!(
        restored.roles().await.unwrap(),
        store.roles().await.unwrap()
    );
    assert_eq!(restored.audit_after(0, 99).await.unwrap().len(), 20);
}

#[test]
fn what_is_no_database_or_has_no_folder_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    std::fs::write(
        &path,
        "not a database, but long enough to look like one ".repeat(99),
    )
    .unwrap();
    let missing = dir.path().join("no/such/folder/forewarn.db");
    for path in [path, missing] {
        let refused = open(&path).map(drop).unwrap_err().to_string();
        assert!(refused.contains(&path.display().to_string()), "{refused}");
    }
}

/// F5: a binary that is older than the schema refuses it and says what to do.
#[test]
fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("forewarn.db");
    drop(open(&path).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("INSERT INTO schema_migrations VALUES (9999, 'future', 'x')")
        .unwrap();
    drop(db);
    let refused = open(&path).map(drop).unwrap_err();
    assert!(
        matches!(refused, OpenError::Newer { found: 9999, .. }),
        "{refused}"
    );
}

/// Not a claim: the server that the next test kills. It says each name that was
/// answered, until it is killed.
#[test]
#[ignore = "started by the test below"]
fn child_that_writes_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let Ok(path) = std::env::var(CHILD_PATH) else {
        return;
    };
    let store = open(Path::new(&path)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let begun = runtime.block_on(store.roles()).unwrap().len();
    let writers: Vec<_> = (0..4)
        .map(|w| {
            let store = Arc::clone(&store);
            runtime.spawn(async move {
                for n in 0.. {
                    let name = format!("b{begun}w{w}n{n}");
                    store.commit(made(&name)).await.unwrap();
                    println!("answered {name}");
                }
            })
        })
        .collect();
    runtime.block_on(futures_util::future::join_all(writers));
}

/// Kills a writing server after so many answers; gives the names it had answered.
fn killed_after(path: &Path, answers: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child_that_writes_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(CHILD_PATH, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let names = lines.map(Result::unwrap).filter_map(|line| {
        line.split_once("answered ")
            .map(|(_, name)| name.to_owned())
    });
    let mut names = names;
    let mut answered: Vec<String> = names.by_ref().take(answers).collect();
    // SIGKILL; what was written to the pipe before it still counts.
    child.kill().unwrap();
    child.wait().unwrap();
    answered.extend(names);
    answered
}

/// T5, F2: a change whose answer was lost is there with its audit row, or is not there.
/// F4: whatever was answered is there after the restart.
#[tokio::test]
async fn what_was_answered_outlives_a_kill_and_the_rest_is_whole_or_absent() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("forewarn.db");
    let mut answered = Vec::new();
    for round in 0..8 {
        answered.extend(killed_after(&path, 1 + round * 13));
        let store = open(&path).unwrap();
        let roles = store.roles().await.unwrap();
        for name in &answered {
            assert!(
                roles.contains_key(&RoleName::parse(name.as_str()).unwrap()),
                "{name} is lost"
            );
        }
        let audit = store.audit_after(0, 100_000).await.unwrap();
        assert_eq!(audit.len(), roles.len());
    }
}

//! Rotated, appended, replaced, truncated: nothing is lost and nothing counted twice.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use app::ports::{Batch, Connector as _, ConnectorError, ReadSummary};
use domain::inventory::Observation;
use domain::kernel::SourceId;
use tokio::sync::mpsc;

use super::{FoundryEvents, FoundryFiles};

fn line(id: &str) -> String {
    format!(
        r#"{{"type":"audit.2","time":"2026-11-20T10:00:00Z","uid":"u","name":"CREATE_TOKEN","result":"SUCCESS","requestParams":{{"_category":{{"tokenGeneration":{{"tokenId":"{id}","tokenTtl":3600,"tokenType":"API_TOKEN"}}}}}}}}"#
    )
}

struct Watched {
    connector: FoundryFiles,
    checkpoint: Option<serde_json::Value>,
}

impl Watched {
    fn new(path: &Path) -> Self {
        let source = SourceId::parse("prod").unwrap();
        let paths = vec![path.display().to_string()];
        Self {
            connector: FoundryFiles::new(source, paths, FoundryEvents::configured(None)),
            checkpoint: None,
        }
    }

    /// Reads once; keeps the checkpoint of every batch, as a store would.
    async fn read(&mut self) -> (Vec<String>, Result<ReadSummary, ConnectorError>) {
        let (sender, mut receiver) = mpsc::channel::<Batch>(1);
        let reading = self.connector.read(self.checkpoint.clone(), sender);
        let taking = async {
            let mut ids = Vec::new();
            while let Some(batch) = receiver.recv().await {
                self.checkpoint = Some(batch.checkpoint);
                ids.extend(batch.observations.iter().filter_map(|o| match o {
                    Observation::Event { external_id, .. } => Some(external_id.clone()),
                    Observation::Listed(_) => None,
                }));
            }
            ids
        };
        let (summary, ids) = tokio::join!(reading, taking);
        (ids, summary)
    }
}

/// B68: an appended file is read on, not again.
#[tokio::test]
async fn an_appended_file_is_read_on_from_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    fs::write(&path, format!("{}\n{}\n", line("a"), line("b"))).unwrap();
    let mut watched = Watched::new(&path);
    let (ids, summary) = watched.read().await;
    assert_eq!(
        (ids, summary.unwrap().read),
        (vec!["a".to_owned(), "b".to_owned()], 2)
    );
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    writeln!(file, "{}", line("c")).unwrap();
    assert_eq!(watched.read().await.0, ["c"]);
    assert!(watched.read().await.0.is_empty());
}

/// B68: rotation by renaming is noticed by content.
#[tokio::test]
async fn a_renamed_file_is_not_read_again_and_its_successor_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    fs::write(&path, format!("{}\n", line("a"))).unwrap();
    let mut watched = Watched::new(folder.path());
    watched.read().await.1.unwrap();
    fs::rename(&path, folder.path().join("audit.log.1")).unwrap();
    fs::write(&path, format!("{}\n", line("b"))).unwrap();
    assert_eq!(watched.read().await.0, ["b"]);
}

/// B68: a file replaced or truncated under the same name is read from its beginning.
#[tokio::test]
async fn a_replaced_or_truncated_file_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    fs::write(&path, format!("{}\n{}\n", line("a"), line("b"))).unwrap();
    let mut watched = Watched::new(&path);
    watched.read().await.1.unwrap();
    fs::write(&path, format!("{}\n", line("c"))).unwrap();
    assert_eq!(watched.read().await.0, ["c"]);
}

/// B66: a half-written last line waits; a whole one without its end is taken.
#[tokio::test]
async fn a_half_written_line_waits_for_its_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let whole = line("a");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut watched = Watched::new(&path);
    assert!(watched.read().await.0.is_empty());
    fs::write(&path, &whole).unwrap();
    assert_eq!(watched.read().await.0, ["a"]);
    fs::write(&path, format!("{whole}\n{}\n", line("b"))).unwrap();
    assert_eq!(watched.read().await.0, ["b"]);
}

/// B66: a truncated gzip gives its complete lines and is read again once whole.
#[tokio::test]
async fn a_truncated_gzip_gives_its_complete_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log.gz");
    let text: String = (0..2000).map(|n| line(&format!("t{n}")) + "\n").collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut watched = Watched::new(&path);
    let (first, summary) = watched.read().await;
    assert!(!first.is_empty() && first.len() < 2000);
    assert_eq!(summary.unwrap().remarks.len(), 1);
    fs::write(&path, &whole).unwrap();
    assert_eq!(watched.read().await.0.len(), 2000);
    assert!(watched.read().await.0.is_empty());
}

/// P8: a path that is not there is an error, never an empty listing.
#[tokio::test]
async fn a_missing_path_is_an_error_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.log"), format!("{}\n", line("a"))).unwrap();
    let source = SourceId::parse("prod").unwrap();
    let paths = vec![
        "/nowhere/*.log".to_owned(),
        folder.path().display().to_string(),
    ];
    let connector = FoundryFiles::new(source, paths, FoundryEvents::configured(None));
    let mut watched = Watched {
        connector,
        checkpoint: None,
    };
    let (ids, summary) = watched.read().await;
    assert_eq!(ids, ["a"]);
    assert!(matches!(summary, Err(ConnectorError::Unavailable(_))));
}

#[test]
fn session_tokens_are_left_out_unless_chosen() {
    let session = line("s").replace("API_TOKEN", "SESSION");
    assert!(
        FoundryEvents::configured(None)
            .read(session.as_bytes())
            .unwrap()
            .is_empty()
    );
    let any = FoundryEvents::configured(Some(&["any".to_owned()]));
    assert_eq!(any.read(session.as_bytes()).unwrap().len(), 1);
    assert!(any.read(b"not json").is_err());
}

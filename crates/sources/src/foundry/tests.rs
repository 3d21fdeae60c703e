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
                    Observation::Listed(_) | Observation::Refused { .. } => None,
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

/// B66: a truncated gzip gives its complete lines and is read on once whole.
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
    assert_eq!(watched.read().await.0.len(), 2000 - first.len());
    assert!(watched.read().await.0.is_empty());
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn lines(ids: std::ops::Range<u32>) -> String {
    ids.map(|n| line(&format!("t{n}")) + "\n").collect()
}

/// What a pass counted: ids, lines, unreadable lines.
async fn counted(watched: &mut Watched) -> (usize, u64, u64) {
    let (ids, summary) = watched.read().await;
    let summary = summary.unwrap();
    (ids.len(), summary.read, summary.unreadable)
}

/// B66, B68: each line of a gzip that grows by members is read and counted once.
#[tokio::test]
async fn a_gzip_that_grows_is_read_on_and_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log.gz");
    let first = gzip(&(lines(0..50) + "broken\n"));
    fs::write(&path, &first).unwrap();
    let mut watched = Watched::new(&path);
    assert_eq!(counted(&mut watched).await, (50, 51, 1));
    assert_eq!(counted(&mut watched).await, (0, 0, 0));
    fs::write(&path, [first, gzip(&lines(50..60))].concat()).unwrap();
    assert_eq!(counted(&mut watched).await, (10, 10, 0));
    assert_eq!(counted(&mut watched).await, (0, 0, 0));
}

/// B66: while it is written a gzip ends inside; no line of it counts twice, and as long
/// as it stays so the operator is told.
#[tokio::test]
async fn a_gzip_that_is_being_written_counts_each_line_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log.gz");
    let whole = gzip(&lines(0..2000));
    let mut watched = Watched::new(&path);
    let mut read = 0;
    for part in [1, 2, 2, 3, 4] {
        fs::write(&path, &whole[..whole.len() * part / 4]).unwrap();
        let (_, summary) = watched.read().await;
        let summary = summary.unwrap();
        read += summary.read;
        assert_eq!(summary.remarks.len(), usize::from(part < 4));
    }
    assert_eq!(read, 2000);
}

/// B68: of a log that is compressed on rotation only what came last is read.
#[tokio::test]
async fn a_log_that_is_compressed_on_rotation_is_not_read_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("audit.log");
    fs::write(&plain, lines(0..50)).unwrap();
    let mut watched = Watched::new(folder.path());
    assert_eq!(counted(&mut watched).await, (50, 50, 0));
    // Two lines more, seen by nobody; then it is compressed, and a new one begins.
    let packed = gzip(&lines(0..52));
    let path = folder.path().join("audit.log.1.gz");
    fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    assert_eq!(counted(&mut watched).await, (0, 0, 0));
    fs::write(&path, &packed).unwrap();
    fs::write(&plain, lines(60..61)).unwrap();
    assert_eq!(counted(&mut watched).await, (3, 3, 0));
    assert_eq!(counted(&mut watched).await, (0, 0, 0));
    // Unpacked again, it is still the same log.
    fs::write(folder.path().join("copy.log"), lines(0..52)).unwrap();
    assert_eq!(counted(&mut watched).await, (0, 0, 0));
}

/// B68: a packed copy of the beginning of a log that goes on does not throw its reader
/// back, pass after pass.
#[tokio::test]
async fn a_packed_copy_of_a_growing_log_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("audit.log");
    fs::write(&plain, lines(0..50)).unwrap();
    let mut watched = Watched::new(folder.path());
    assert_eq!(counted(&mut watched).await, (50, 50, 0));
    fs::write(folder.path().join("copy.gz"), gzip(&lines(0..30))).unwrap();
    assert_eq!(counted(&mut watched).await.1, 30);
    for grown in [60, 70] {
        fs::write(&plain, lines(0..grown)).unwrap();
        assert_eq!(counted(&mut watched).await, (10, 10, 0));
        assert_eq!(counted(&mut watched).await, (0, 0, 0));
    }
}

/// B68: a compressed log that is replaced by a shorter one is read anew.
#[tokio::test]
async fn a_compressed_log_that_became_shorter_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log.gz");
    fs::write(&path, gzip(&lines(0..50))).unwrap();
    let mut watched = Watched::new(&path);
    assert_eq!(counted(&mut watched).await, (50, 50, 0));
    fs::write(&path, gzip(&lines(0..40))).unwrap();
    assert_eq!(counted(&mut watched).await, (40, 40, 0));
}

/// B66: of a damaged compression nothing is passed over once it was fetched again, and
/// what was counted of it is not counted again.
#[tokio::test]
async fn a_damaged_gzip_is_read_anew_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log.gz");
    let whole = gzip(&lines(0..2000));
    let mut damaged = whole.clone();
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let mut watched = Watched::new(&path);
    let (ids, summary) = watched.read().await;
    let first = summary.unwrap();
    assert!(!ids.is_empty() && first.remarks.len() == 1);
    fs::write(&path, [whole, gzip(&lines(2000..2001))].concat()).unwrap();
    let (ids, read, unreadable) = counted(&mut watched).await;
    assert_eq!((ids, first.read + read, unreadable), (2001, 2001, 0));
}

/// A CSV export that grows tells everything again, which changes nothing, and counts what
/// came on top.
#[tokio::test]
async fn a_csv_that_grows_counts_each_record_once() {
    let folder = tempfile::tempdir().unwrap();
    let header = "time,uid,name,result,request_params\n";
    let record = |id: &str| {
        let params = format!(
            r#"{{""_category"":{{""tokenGeneration"":{{""tokenId"":""{id}"",""tokenTtl"":3600,""tokenType"":""API_TOKEN""}}}}}}"#
        );
        format!("2026-11-20T10:00:00Z,u,CREATE_TOKEN,SUCCESS,\"{params}\"\n")
    };
    for packed in [false, true] {
        let path = folder.path().join(format!("export-{packed}.csv"));
        let write = |text: &str| {
            let bytes = if packed { gzip(text) } else { text.into() };
            fs::write(&path, bytes).unwrap();
        };
        let two = format!("{header}{}{}", record("a"), record("b"));
        write(&two);
        let mut watched = Watched::new(&path);
        assert_eq!(counted(&mut watched).await, (2, 2, 0), "{packed}");
        assert_eq!(counted(&mut watched).await, (0, 0, 0));
        write(&(two + &record("c") + "broken\n"));
        assert_eq!(counted(&mut watched).await, (3, 2, 1));
        assert_eq!(counted(&mut watched).await, (0, 0, 0));
    }
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

/// A line of the dataset as CSV: snake case, JSON as text in a column.
fn csv(ids: &[&str]) -> String {
    let row = |id: &&str| {
        let line: serde_json::Value = serde_json::from_str(&line(id)).unwrap();
        let params = line["requestParams"].to_string().replace('"', "\"\"");
        format!("audit.2,2026-11-20T10:00:00Z,u,CREATE_TOKEN,SUCCESS,\"{params}\"\n")
    };
    let rows: String = ids.iter().map(row).collect();
    format!("type,time,uid,name,result,request_params\n{rows}")
}

/// B66: exports of the dataset in every form that is documented, side by side in one
/// folder; a Parquet file is refused with what to do, and the others are read.
#[tokio::test]
async fn exports_in_every_form_are_read_and_parquet_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let gzip = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    put("a.csv", csv(&["a1", "a2"]).as_bytes());
    put("b.csv.gz", &gzip(&csv(&["b"])));
    put("c.json", format!("{}\n", line("c")).as_bytes());
    put("d.json.gz", &gzip(&line("d")));
    put("e.zst", &zstd::encode_all(line("e").as_bytes(), 3).unwrap());
    put(
        "f.csv.zst",
        &zstd::encode_all(csv(&["f"]).as_bytes(), 3).unwrap(),
    );
    let mut watched = Watched::new(folder.path());
    let (mut ids, summary) = watched.read().await;
    ids.sort();
    assert_eq!(ids, ["a1", "a2", "b", "c", "d", "e", "f"]);
    assert_eq!(summary.unwrap().read, 7);
    assert!(watched.read().await.0.is_empty());
    put("g.parquet", b"PAR1\x15\x04\x15\x10PAR1");
    put("h.json", format!("{}\n", line("h")).as_bytes());
    let (ids, summary) = watched.read().await;
    let sentence = summary.unwrap_err().to_string();
    assert_eq!(ids, ["h"]);
    assert!(
        sentence.ends_with("g.parquet is a Parquet file, which is not read; export the dataset as CSV or as JSON lines"),
        "{sentence}"
    );
}

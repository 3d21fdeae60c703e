//! Opens a preset against a fake, reads it once, and collects what it told.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use app::ports::{Batch, Connector, ConnectorError, ReadSummary};
use domain::inventory::{Listed, Observation};
use domain::kernel::{Instant, Secret, SourceId};
use sources::{Keys, OpenSecret, SecretHandle, System, Tools};
use testkit::FakeClock;
use tokio::sync::mpsc;
use toml::Value;

use crate::fixture::Fixture;
use crate::server::{Fault, Vendor};
use crate::told::Row;

/// The instant at which every fixture is read.
pub const NOW: &str = "2026-11-26T12:00:00Z";

/// What came of a read.
pub struct Outcome {
    pub result: Result<ReadSummary, ConnectorError>,
    pub listed: Vec<Listed>,
    /// Whether a credential was refused that was asked about itself.
    pub refused: bool,
    pub vendor: Vendor,
}

impl Outcome {
    /// Whether everything that exists was seen.
    pub fn is_complete(&self) -> bool {
        self.result.as_ref().is_ok_and(|summary| summary.complete)
    }

    /// What was listed, each credential once, in order; the last telling counts.
    pub fn rows(&self) -> Vec<Row> {
        let rows = self
            .listed
            .iter()
            .map(|l| Row::of(l, now(), &self.vendor.origin));
        let once: BTreeMap<_, Row> = rows.map(|row| (row.identity(), row)).collect();
        once.into_values().collect()
    }
}

pub fn now() -> Instant {
    Instant::parse(NOW).unwrap()
}

/// What is dear to make, and made once for all runs of a test.
pub struct Bench {
    tools: Tools,
    systems: Vec<Box<dyn System>>,
}

impl Bench {
    /// With every preset that ships.
    pub fn shipped() -> Self {
        Self::of(sources::systems().unwrap_or_else(|error| panic!("{error}")))
    }

    /// With a preset of an operator's own.
    pub fn own(file: &Path) -> Self {
        Self::of(sources::own_systems(file).unwrap_or_else(|error| panic!("{error}")))
    }

    fn of(systems: Vec<Box<dyn System>>) -> Self {
        let settings = egress::Settings::default();
        let tools = Tools {
            egress: egress::Egress::new(settings.clone()).unwrap(),
            egress_settings: settings,
            clock: Arc::new(FakeClock::at(now())),
        };
        Self { tools, systems }
    }

    /// Reads the preset of the fixture's id once.
    pub async fn run(&self, fixture: &Fixture, fault: Fault) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in &fixture.files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let vendor = Vendor::start(fixture, fault).await;
        let connector = self.open(fixture, &vendor, folder.path());
        let (sender, mut batches) = mpsc::channel::<Batch>(4);
        let (mut listed, mut refused) = (Vec::new(), false);
        let take = async {
            while let Some(batch) = batches.recv().await {
                for observation in batch.observations {
                    match observation {
                        Observation::Listed(one) => listed.push(*one),
                        Observation::Refused { .. } => refused = true,
                        Observation::Event { .. } => panic!("a list tells of no events"),
                    }
                }
            }
        };
        let (result, ()) = tokio::join!(connector.read(None, sender), take);
        Outcome {
            result,
            listed,
            refused,
            vendor,
        }
    }

    fn open(&self, fixture: &Fixture, vendor: &Vendor, folder: &Path) -> Arc<dyn Connector> {
        let files = folder.to_str().unwrap();
        let places = [
            ("{origin}", vendor.origin.as_str()),
            ("{files}", files),
            ("{rsa}", rsa()),
        ];
        let mut settings = Value::Table(fixture.settings.clone());
        fill(&mut settings, &places);
        let settings = settings.as_table().unwrap().clone();
        let mut keys = Keys::new(fixture.id.as_str(), settings, secrets());
        let id = SourceId::parse(&fixture.id).unwrap();
        let mut systems = self.systems.iter();
        let system = systems.find(|system| system.describe().id == fixture.id);
        let system = system.unwrap_or_else(|| panic!("there is no preset {}", fixture.id));
        let ways = system.open(id, &mut keys, &self.tools);
        let ways = ways.unwrap_or_else(|error| panic!("{}: {error}", fixture.id));
        keys.finish().unwrap_or_else(|error| panic!("{error}"));
        ways.connector.unwrap()
    }
}

/// Secrets stand in the fixture as they are; they are none.
fn secrets() -> OpenSecret {
    Arc::new(|value: &Value| {
        let text = value.as_str().ok_or("is no text")?.to_owned();
        Ok(SecretHandle::new(move || Ok(Secret::new(text.clone()))))
    })
}

fn fill(value: &mut Value, places: &[(&str, &str)]) {
    match value {
        Value::String(text) => {
            *text = places.iter().fold(text.clone(), |text, (place, with)| {
                text.replace(place, with)
            });
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, places)),
        Value::Table(table) => table.iter_mut().for_each(|(_, item)| fill(item, places)),
        _ => {}
    }
}

/// A key made for this run, so that none stands in the repository.
fn rsa() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let size = rcgen::RsaKeySize::_2048;
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        key.unwrap().serialize_pem()
    })
}

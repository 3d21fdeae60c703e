//! From a document and a source's keys to a source.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use domain::kernel::SourceId;
use egress::{ClientIdentity, SetupError};

use super::document::{Auth, Document};
use super::load::{self, PresetError};
use super::session::Wire;
use super::settings::Settings;
use super::signer::Signer;
use super::source::PresetSource;
use super::template::Template;
use crate::keys::{KeyError, Keys};
use crate::system::{Key, KeyKind, Preset, System, Tools, Ways};

/// The documents that ship with Forewarn: name of the file, text.
pub(super) const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// A system that a document describes.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// The id it is known by here: the document's, or one of its aliases.
    id: String,
    name: String,
    document: Arc<Document>,
}

/// Every system that ships as a document, aliases included. They are read once a process.
///
/// # Errors
/// One of them is wrong; a test reads them all.
pub fn shipped() -> Result<Vec<Shipped>, PresetError> {
    static READ: OnceLock<Vec<Shipped>> = OnceLock::new();
    if let Some(systems) = READ.get() {
        return Ok(systems.clone());
    }
    let mut systems = Vec::new();
    for (file, text) in SHIPPED {
        systems.extend(known_as(load::parse(file, text)?));
    }
    Ok(READ.get_or_init(|| systems).clone())
}

/// A document of the operator's own.
///
/// # Errors
/// It cannot be read, or is wrong: file, line, key and remedy.
pub fn of_operator(path: &Path) -> Result<Vec<Shipped>, PresetError> {
    load::read(path).map(known_as)
}

/// The systems of a document: itself, then its aliases.
pub(super) fn known_as(document: Document) -> Vec<Shipped> {
    let document = Arc::new(document);
    let first = (document.id.clone(), document.system.clone());
    let others = document.aliases.clone();
    let known = std::iter::once(first).chain(others);
    known
        .map(|(id, name)| Shipped {
            id,
            name,
            document: Arc::clone(&document),
        })
        .collect()
}

impl System for Shipped {
    fn describe(&self) -> Preset {
        let document = &self.document;
        let kinds = document.lists.iter().map(|list| match &list.kind {
            Some(kind) => kind.clone(),
            None => list.name.clone(),
        });
        Preset {
            id: self.id.clone(),
            system: self.name.clone(),
            kinds: kinds.collect(),
            auth: auth(document),
            needs: document.needs.clone(),
            tried: Some(document.tried.as_str()),
            pages: document
                .read
                .iter()
                .map(|page| format!("{} ({})", page.url, page.on))
                .collect(),
            keys: keys(document),
        }
    }

    fn open(&self, id: SourceId, keys: &mut Keys, tools: &Tools) -> Result<Ways, KeyError> {
        let settings = Arc::new(Settings::read(&self.document.settings, keys)?);
        let wire = self.wire(keys, tools)?;
        let signer = |auth: &Auth, keys: &Keys| {
            Signer::new(auth, &settings, &wire).map_err(|why| keys.wrong("system", why))
        };
        let main = signer(&self.document.auth, keys)?;
        let mut signers = BTreeMap::new();
        for list in &self.document.lists {
            if let Some(auth) = &list.auth {
                signers.insert(list.name.clone(), signer(auth, keys)?);
            }
        }
        let source = PresetSource {
            id,
            document: Arc::clone(&self.document),
            settings: Arc::clone(&settings),
            wire,
            signer: main,
            signers,
        };
        if source.lists().next().is_none() {
            let wants = self.document.lists.iter().flat_map(|list| {
                let files = list.files.iter().flat_map(Template::settings);
                list.when.0.iter().map(String::as_str).chain(files)
            });
            let wants: Vec<&str> = wants.collect();
            let reason = format!("nothing is asked for; give one of `{}`", wants.join("`, `"));
            return Err(keys.wrong("system", reason));
        }
        Ok(Ways {
            connector: Some(Arc::new(source)),
            decoder: None,
            system: self.document.id.clone(),
            ..Ways::default()
        })
    }
}

impl Shipped {
    fn wire(&self, keys: &mut Keys, tools: &Tools) -> Result<Wire, KeyError> {
        let (ca_file, identity) = (keys.path("ca_file")?, identity(keys)?);
        let egress = if ca_file.is_none() && identity.is_none() {
            tools.egress.clone()
        } else {
            let usual = tools.egress_settings.clone();
            let settings = egress::Settings {
                ca_file: ca_file.or(usual.ca_file),
                identity,
                ..usual
            };
            egress::Egress::new(settings).map_err(|error| {
                let key = match error {
                    SetupError::Identity { .. } => "client_certificate",
                    _ => "ca_file",
                };
                keys.wrong(key, error.to_string())
            })?
        };
        Ok(Wire {
            egress,
            clock: Arc::clone(&tools.clock),
            shared: self.document.request.clone(),
        })
    }
}

fn keys(document: &Document) -> Vec<Key> {
    let declared = document.settings.iter();
    let mut keys: Vec<Key> = declared.map(|(name, d)| d.told(name)).collect();
    let files = [
        (
            "ca_file",
            "PEM file of authorities that are believed for this system",
        ),
        (
            "client_certificate",
            "PEM file of the certificate that is shown to a system that asks for one",
        ),
        ("client_key", "PEM file of its key"),
    ];
    keys.extend(files.map(|(name, says)| Key::optional(name, KeyKind::Text, says)));
    // What has to be there first.
    keys.sort_by_key(|key| !key.required);
    keys
}

/// The certificate that is shown, where one is named.
fn identity(keys: &mut Keys) -> Result<Option<ClientIdentity>, KeyError> {
    match (keys.path("client_certificate")?, keys.path("client_key")?) {
        (Some(certificate), Some(key)) => Ok(Some(ClientIdentity { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(keys.wrong("client_key", "is missing beside `client_certificate`")),
        (None, Some(_)) => Err(keys.wrong("client_certificate", "is missing beside `client_key`")),
    }
}

fn auth(document: &Document) -> String {
    if let Some(says) = &document.auth_says {
        return says.clone();
    }
    let words = match &document.auth {
        Auth::None => "none",
        Auth::Bearer { .. } => "bearer token",
        Auth::Headers { .. } => "header",
        Auth::Basic { .. } => "HTTP Basic",
        Auth::ClientCredentials(_) => "OAuth 2.0 client credentials",
        Auth::Exchange(_) => "a sign-in that gives a token",
        Auth::JwtAssertion(_) => "a signed assertion (RS256)",
    };
    words.to_owned()
}

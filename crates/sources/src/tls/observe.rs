//! From what an endpoint showed to credentials.

use std::collections::BTreeMap;

use domain::inventory::{Listed, PlaceOfUse};
use domain::kernel::{Instant, Name};
use egress::{ChainVerdict, UnverifiedChain};

use super::endpoint::Endpoint;
use crate::decode::{CertificateFacts, DecodeError, one_certificate};

/// What an endpoint showed, as credentials: its own certificate, and the one of the chain
/// that ends first if that is earlier. `name` is whom it was asked for.
///
/// # Errors
/// Its own certificate cannot be read.
pub(super) fn listed(
    endpoint: &Endpoint,
    name: &str,
    shown: &UnverifiedChain,
    now: Instant,
) -> Result<Vec<Listed>, DecodeError> {
    let mut certificates = shown.certificates.iter().map(|der| one_certificate(der));
    let own = match certificates.next() {
        Some(own) => own?,
        None => return Err(DecodeError::NotThis("certificate")),
    };
    let others: Vec<CertificateFacts> = certificates.filter_map(Result::ok).collect();
    let earliest = others
        .iter()
        .filter(|other| other.expires_at().is_some())
        .min_by_key(|other| other.expires_at());
    let sooner = earliest.filter(|other| is_sooner(other, &own));
    let belief = Belief::of(&shown.verdict, &own);
    let mut advice: Vec<String> = belief.advice(endpoint, name).into_iter().collect();
    let mut listed = Vec::new();
    if let Some(sooner) = sooner {
        // An old cross-signed root that servers still send does no harm: clients have
        // found another way round it already.
        let is_needless = shown.verdict == ChainVerdict::Believed
            && sooner.expires_at().is_some_and(|end| end <= now);
        if is_needless {
            advice.push(format!(
                "{endpoint} still sends the certificate of `{}`, which has expired and is not needed: take it out of the chain.",
                sooner.called()
            ));
        } else {
            listed.push(of_chain(endpoint, sooner));
        }
    }
    listed.insert(0, of_endpoint(endpoint, &own, &belief, advice));
    Ok(listed)
}

fn is_sooner(other: &CertificateFacts, own: &CertificateFacts) -> bool {
    match (other.expires_at(), own.expires_at()) {
        (Some(other), Some(own)) => other < own,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn of_endpoint(
    endpoint: &Endpoint,
    facts: &CertificateFacts,
    belief: &Belief<'_>,
    advice: Vec<String>,
) -> Listed {
    let mut listed = of_certificate(endpoint, "tls-certificate", facts);
    listed.external_id = endpoint.to_string();
    listed.name = Name::lossy(&endpoint.to_string());
    listed
        .labels
        .insert("verified".to_owned(), belief.word().to_owned());
    listed.advice = advice;
    listed
}

fn of_chain(endpoint: &Endpoint, facts: &CertificateFacts) -> Listed {
    let mut listed = of_certificate(endpoint, "tls-chain", facts);
    listed.external_id = format!("{endpoint}#chain");
    listed.name = Name::lossy(&format!("{endpoint} (chain: {})", facts.called()));
    listed.advice = vec![format!(
        "The certificate of the issuer ends before that of {endpoint}: renew the server's certificate, so that it comes with a newer chain."
    )];
    listed
}

fn of_certificate(endpoint: &Endpoint, kind: &str, facts: &CertificateFacts) -> Listed {
    let names: Vec<&str> = facts.names.iter().take(20).map(String::as_str).collect();
    let labels = [
        ("sha256", facts.fingerprint.clone()),
        ("serial", facts.serial.clone()),
        ("subject", facts.subject.clone()),
        ("issuer", facts.issuer.clone()),
        ("names", names.join(" ")),
    ];
    let labels = labels.into_iter().filter(|(_, value)| !value.is_empty());
    let labels: BTreeMap<String, String> = labels
        .map(|(key, value)| (key.to_owned(), value.chars().take(500).collect()))
        .collect();
    Listed {
        external_id: String::new(),
        parent: None,
        kind: kind.to_owned(),
        name: None,
        owner: None,
        scopes: Vec::new(),
        roles: Vec::new(),
        created_at: Some(facts.not_before),
        end: facts.end,
        last_used_at: None,
        use_is_known: false,
        revoked_at: None,
        suspended: false,
        labels,
        used_by: vec![PlaceOfUse {
            what: endpoint.to_string(),
            url: None,
            team: None,
        }],
        origin_url: None,
        advice: Vec::new(),
        own: false,
    }
}

/// What clients make of an endpoint.
enum Belief<'a> {
    /// It signed itself. The verifier's own words for that depend on whether it calls
    /// itself an authority, which `openssl req -x509` makes it do.
    SelfSigned,
    Verdict(&'a ChainVerdict),
}

impl<'a> Belief<'a> {
    fn of(verdict: &'a ChainVerdict, own: &CertificateFacts) -> Self {
        let nobody_vouches = matches!(
            verdict,
            ChainVerdict::UnknownIssuer | ChainVerdict::Other(_)
        );
        match nobody_vouches && own.subject == own.issuer {
            true => Self::SelfSigned,
            false => Self::Verdict(verdict),
        }
    }

    /// The label `verified`.
    fn word(&self) -> &'static str {
        match self {
            Self::SelfSigned => "no: self-signed",
            Self::Verdict(ChainVerdict::Believed) => "yes",
            Self::Verdict(ChainVerdict::Expired) => "no: expired",
            Self::Verdict(ChainVerdict::NotYetValid) => "no: not valid yet",
            Self::Verdict(ChainVerdict::OtherName) => "no: another name",
            Self::Verdict(ChainVerdict::UnknownIssuer) => "no: unknown issuer",
            Self::Verdict(ChainVerdict::Other(_)) => "no",
        }
    }

    fn advice(&self, endpoint: &Endpoint, name: &str) -> Option<String> {
        let why = match self {
            Self::Verdict(ChainVerdict::Believed) => return None,
            Self::SelfSigned => "it signed itself, and nobody else vouches for it".to_owned(),
            Self::Verdict(ChainVerdict::Expired) => "a certificate of it has expired".to_owned(),
            Self::Verdict(ChainVerdict::NotYetValid) => {
                "a certificate of it is not valid yet: look at the clocks".to_owned()
            }
            Self::Verdict(ChainVerdict::OtherName) => format!("it is not for `{name}`"),
            Self::Verdict(ChainVerdict::UnknownIssuer) => {
                "its issuer is not known, or the server leaves out a certificate between; a private authority goes into `ca_file`".to_owned()
            }
            Self::Verdict(ChainVerdict::Other(reason)) => reason.chars().take(200).collect(),
        };
        Some(format!(
            "Clients do not believe what {endpoint} shows: {why}."
        ))
    }
}

//! Real TLS servers with certificates that a library made.

use std::sync::Arc;
use std::time::Duration;

use app::ports::{Batch, Connector as _, ConnectorError, ReadSummary};
use domain::inventory::{End, Listed, Observation};
use domain::kernel::{Instant, SourceId};
use egress::{Egress, Settings};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use testkit::FakeClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::endpoint::Endpoint;
use super::source::TlsSource;

/// An authority until the end of `ca_year`, and a server's certificate for `name` that it
/// signed, until the end of `year`.
struct Pki {
    authority: Certificate,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

fn pki(name: &str, year: i32, ca_year: i32) -> Pki {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.distinguished_name.push(DnType::CommonName, "Test CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.not_after = date_time_ymd(ca_year, 12, 31);
    let authority = ca.self_signed(&ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(year, 12, 31);
    let own = params.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    Pki {
        chain: vec![own.der().clone(), authority.der().clone()],
        authority,
        key: key.serialize_der(),
    }
}

/// What is said in plain text before the handshake: who begins, and each line that is
/// expected with its answer.
#[derive(Clone, Copy)]
struct Plain {
    greeting: &'static [u8],
    script: &'static [(&'static [u8], &'static [u8])],
}

const NOTHING: Plain = Plain {
    greeting: b"",
    script: &[],
};
const SMTP: Plain = Plain {
    greeting: b"220-mx.example.org\r\n220 ready\r\n",
    script: &[
        (
            b"EHLO forewarn.invalid\r\n",
            b"250-mx.example.org\r\n250-STARTTLS\r\n250 8BITMIME\r\n",
        ),
        (b"STARTTLS\r\n", b"220 go\r\n"),
    ],
};
const IMAP: Plain = Plain {
    greeting: b"* OK ready\r\n",
    script: &[(b"a1 STARTTLS\r\n", b"a1 OK begin\r\n")],
};
const POP3: Plain = Plain {
    greeting: b"+OK ready\r\n",
    script: &[(b"STLS\r\n", b"+OK begin\r\n")],
};
const POSTGRES: Plain = Plain {
    greeting: b"",
    script: &[(&[0, 0, 0, 8, 4, 210, 22, 47], b"S")],
};
const LDAP: Plain = Plain {
    greeting: b"",
    script: &[(
        b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
        b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
    )],
};

async fn serve(pki: &Pki, plain: Plain) -> u16 {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pki.key.clone()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(pki.chain.clone(), key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, acceptor.clone(), plain));
        }
    });
    port
}

async fn talk(mut stream: TcpStream, acceptor: TlsAcceptor, plain: Plain) -> Option<()> {
    stream.write_all(plain.greeting).await.ok()?;
    for (expected, answer) in plain.script {
        let mut line = vec![0; expected.len()];
        stream.read_exact(&mut line).await.ok()?;
        (line == *expected).then_some(())?;
        stream.write_all(answer).await.ok()?;
    }
    let mut secure = acceptor.accept(stream).await.ok()?;
    secure.read(&mut [0; 16]).await.ok().map(drop)
}

fn source(endpoints: &[String], believed: Option<&Pki>) -> TlsSource {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = believed.map(|pki| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, pki.authority.pem()).unwrap();
        path
    });
    let settings = Settings {
        ca_file,
        ..Settings::default()
    };
    TlsSource {
        id: SourceId::parse("edge").unwrap(),
        endpoints: endpoints
            .iter()
            .map(|e| Endpoint::parse(e).unwrap())
            .collect(),
        name: None,
        egress: Egress::new(settings).unwrap(),
        clock: Arc::new(FakeClock::at(
            Instant::parse("2026-11-26T00:00:00Z").unwrap(),
        )),
        limit: Duration::from_secs(5),
    }
}

async fn read(source: &TlsSource) -> Result<(Vec<Listed>, ReadSummary), ConnectorError> {
    let (sender, mut batches) = mpsc::channel::<Batch>(100);
    let summary = source.read(None, sender).await?;
    let mut listed = Vec::new();
    while let Some(batch) = batches.recv().await {
        listed.extend(batch.observations.into_iter().map(|told| match told {
            Observation::Listed(listed) => *listed,
            _ => panic!("endpoints list"),
        }));
    }
    Ok((listed, summary))
}

fn end(year: i32) -> End {
    End::Known(Instant::parse(&format!("{year}-12-31T00:00:00Z")).unwrap())
}

#[tokio::test]
async fn an_endpoint_is_one_credential_that_ends_with_its_certificate() {
    let pki = pki("localhost", 2030, 2040);
    let port = serve(&pki, NOTHING).await;
    let source = source(&[format!("localhost:{port}")], Some(&pki));
    let (listed, summary) = read(&source).await.unwrap();
    assert!(summary.complete && summary.is_listing && summary.read == 1);
    let [one] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(one.external_id, format!("localhost:{port}"));
    assert_eq!((one.kind.as_str(), one.end), ("tls-certificate", end(2030)));
    assert_eq!(one.labels["verified"], "yes");
    assert_eq!(one.labels["subject"], "CN=localhost");
    assert_eq!(one.advice, Vec::<String>::new());
}

/// B57: an expired certificate, one for another name and one of an unknown issuer are
/// read all the same, and it is said that clients refuse them.
#[tokio::test]
async fn what_clients_refuse_is_read_and_said() {
    let good = pki("localhost", 2030, 2040);
    let expired = pki("localhost", 2021, 2040);
    let other = pki("other.example", 2030, 2040);
    for (pki, believed, label, says, year) in [
        (&good, false, "no: unknown issuer", "`ca_file`", 2030),
        (&expired, true, "no: expired", "has expired", 2021),
        (
            &other,
            true,
            "no: another name",
            "not for `localhost`",
            2030,
        ),
    ] {
        let port = serve(pki, NOTHING).await;
        let source = source(&[format!("localhost:{port}")], believed.then_some(pki));
        let (listed, summary) = read(&source).await.unwrap();
        assert!(summary.complete);
        assert_eq!(listed[0].labels["verified"], label);
        assert_eq!(listed[0].end, end(year));
        assert!(listed[0].advice[0].contains(says), "{:?}", listed[0].advice);
    }
}

#[tokio::test]
async fn the_name_that_is_asked_for_may_be_another_than_the_host() {
    let pki = pki("internal.example", 2030, 2040);
    let port = serve(&pki, NOTHING).await;
    let mut source = source(&[format!("localhost:{port}")], Some(&pki));
    source.name = Some("internal.example".to_owned());
    assert_eq!(read(&source).await.unwrap().0[0].labels["verified"], "yes");
}

#[tokio::test]
async fn a_chain_that_ends_sooner_is_a_credential_of_its_own() {
    let sooner = pki("localhost", 2035, 2029);
    let port = serve(&sooner, NOTHING).await;
    let source = source(&[format!("localhost:{port}")], Some(&sooner));
    let (listed, _) = read(&source).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].end, end(2035));
    assert_eq!(listed[1].external_id, format!("localhost:{port}#chain"));
    assert_eq!(
        (listed[1].kind.as_str(), listed[1].end),
        ("tls-chain", end(2029))
    );
    assert!(
        listed[1]
            .name
            .as_ref()
            .unwrap()
            .as_str()
            .contains("Test CA")
    );
}

#[tokio::test]
async fn mail_directories_and_databases_are_asked_to_begin_with_tls() {
    let pki = pki("localhost", 2030, 2040);
    for (word, plain) in [
        ("smtp", SMTP),
        ("imap", IMAP),
        ("pop3", POP3),
        ("ldap", LDAP),
        ("postgres", POSTGRES),
    ] {
        let port = serve(&pki, plain).await;
        let source = source(&[format!("localhost:{port}/{word}")], Some(&pki));
        let (listed, summary) = read(&source).await.unwrap();
        assert_eq!(listed[0].labels["verified"], "yes", "{word}: {summary:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_tls_is_named_and_not_quoted() {
    let pki = pki("localhost", 2030, 2040);
    const BARE: Plain = Plain {
        greeting: b"220 hunter2\r\n",
        script: &[
            (b"EHLO forewarn.invalid\r\n", b"250 hunter2\r\n"),
            (b"STARTTLS\r\n", b"502 hunter2\r\n"),
        ],
    };
    const BARE_DB: Plain = Plain {
        greeting: b"",
        script: &[(&[0, 0, 0, 8, 4, 210, 22, 47], b"N")],
    };
    for (word, plain, says) in [
        ("smtp", BARE, "offers no STARTTLS"),
        ("imap", BARE, "speaks no IMAP"),
        ("postgres", BARE_DB, "without TLS"),
        ("tls", BARE, "TLS"),
    ] {
        let port = serve(&pki, plain).await;
        let error = read(&source(&[format!("localhost:{port}/{word}")], None))
            .await
            .unwrap_err();
        let sentence = error.to_string();
        assert!(
            sentence.contains(says) && sentence.contains(&port.to_string()),
            "{sentence}"
        );
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
}

/// A source with a dead endpoint reads the others, and closes nothing.
#[tokio::test]
async fn a_dead_endpoint_leaves_the_listing_open() {
    let pki = pki("localhost", 2030, 2040);
    let port = serve(&pki, NOTHING).await;
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = dead.local_addr().unwrap().port();
    drop(dead);
    // It takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute = silent.local_addr().unwrap().port();
    let all = [closed, port, mute].map(|port| format!("localhost:{port}"));
    let mut source = source(&all, Some(&pki));
    source.limit = Duration::from_secs(1);
    let (listed, summary) = read(&source).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(!summary.complete);
    assert_eq!((summary.read, summary.unreadable), (1, 2));
    assert!(summary.remarks[0].starts_with(&all[0]), "{summary:?}");
    assert!(summary.remarks[1].contains("within 1 s"), "{summary:?}");

    source.endpoints.retain(|endpoint| endpoint.port == closed);
    let error = read(&source).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unavailable(_)), "{error}");
}

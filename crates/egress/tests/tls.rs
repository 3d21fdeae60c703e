//! Whom the way out believes.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::sync::Arc;
use std::time::Duration;

use egress::{
    ChainVerdict, ClientIdentity, Egress, EgressError, Request, Settings, Trust, UnverifiedChain,
};
use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A self-signed certificate for `name`, valid until the end of `year`.
fn certificate(name: &str, year: i32) -> CertifiedKey<KeyPair> {
    let signing_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(year, 12, 31);
    CertifiedKey {
        cert: params.self_signed(&signing_key).unwrap(),
        signing_key,
    }
}

async fn serve(certified: &CertifiedKey<KeyPair>) -> u16 {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(
        certified.signing_key.serialize_der(),
    ));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    listen(config).await
}

/// Answers 204 to whoever is let in.
async fn listen(config: ServerConfig) -> u16 {
    let (acceptor, listener) = (
        TlsAcceptor::from(Arc::new(config)),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    );
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0_u8; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

async fn status(
    host: &str,
    port: u16,
    trusted: Option<&CertifiedKey<KeyPair>>,
) -> Result<u16, EgressError> {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = trusted.map(|certified| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, certified.cert.pem()).unwrap();
        path
    });
    let settings = Settings {
        ca_file,
        total_timeout: Duration::from_secs(5),
        ..Settings::default()
    };
    let egress = Egress::new(settings).unwrap();
    let target = egress
        .target(&format!("https://{host}:{port}/"), Trust::Trusted)
        .unwrap();
    egress
        .send(Request::new(http::Method::GET, target), Trust::Trusted)
        .await
        .map(|r| r.status)
}

#[tokio::test]
async fn a_private_authority_is_believed_once_its_file_is_named() {
    let good = certificate("localhost", 2200);
    let port = serve(&good).await;
    assert_eq!(status("localhost", port, Some(&good)).await, Ok(204));
    assert_eq!(
        status("localhost", port, None).await.unwrap_err().class(),
        "tls"
    );
}

/// B57: an expired certificate and one for another name fail as TLS, by name.
#[tokio::test]
async fn expired_and_misnamed_certificates_fail_as_tls() {
    let expired = certificate("localhost", 2020);
    let error = status("localhost", serve(&expired).await, Some(&expired))
        .await
        .unwrap_err();
    assert_eq!(error.class(), "tls", "{error}");
    let other = certificate("other.example", 2200);
    let error = status("localhost", serve(&other).await, Some(&other))
        .await
        .unwrap_err();
    assert_eq!(error.class(), "tls", "{error}");
}

#[test]
fn a_useless_ca_file_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    for content in [None, Some("no certificate here")] {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let settings = Settings {
            ca_file: Some(path.clone()),
            ..Settings::default()
        };
        let error = Egress::new(settings).unwrap_err().to_string();
        assert!(
            error.contains("egress.ca_file") && error.contains("ca.pem"),
            "{error}"
        );
    }
}

/// What is shown for `name` at this port, to somebody who believes `trusted`.
async fn shown(
    name: &str,
    port: u16,
    trusted: Option<&CertifiedKey<KeyPair>>,
) -> Result<UnverifiedChain, EgressError> {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = trusted.map(|certified| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, certified.cert.pem()).unwrap();
        path
    });
    let egress = Egress::new(Settings {
        ca_file,
        ..Settings::default()
    })
    .unwrap();
    let stream = egress
        .dial("localhost", port, Trust::Trusted)
        .await
        .unwrap();
    egress.read_unverified_chain(stream, name).await
}

#[tokio::test]
async fn a_certificate_is_read_whether_or_not_it_is_believed() {
    let good = certificate("localhost", 2200);
    let expired = certificate("localhost", 2020);
    for (certified, name, trusted, verdict) in [
        (&good, "localhost", Some(&good), ChainVerdict::Believed),
        (&good, "localhost", None, ChainVerdict::UnknownIssuer),
        (&good, "other.example", Some(&good), ChainVerdict::OtherName),
        (&expired, "localhost", Some(&expired), ChainVerdict::Expired),
    ] {
        let port = serve(certified).await;
        let chain = shown(name, port, trusted).await.unwrap();
        assert_eq!(chain.certificates, [certified.cert.der().to_vec()]);
        assert_eq!(chain.verdict, verdict);
    }
}

#[tokio::test]
async fn what_shows_no_certificate_is_no_chain() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"220 no TLS here\r\n").await;
            let _ = stream.read(&mut [0_u8; 1024]).await;
        }
    });
    let error = shown("localhost", port, None).await.unwrap_err();
    assert_eq!(error.class(), "tls", "{error}");
}

/// An authority for clients, and a server that serves nobody it does not vouch for.
async fn asking(server: &CertifiedKey<KeyPair>, clients: &CertifiedKey<KeyPair>) -> u16 {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(clients.cert.der().clone()).unwrap();
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(&provider),
    );
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![server.cert.der().clone()], key)
        .unwrap();
    listen(config).await
}

/// Mutual TLS: who shows the certificate is let in; it may be replaced in place.
#[tokio::test]
async fn a_system_that_asks_who_we_are_is_shown_the_certificate_in_the_file() {
    let (server, us) = (
        certificate("localhost", 2200),
        certificate("forewarn", 2200),
    );
    let stranger = certificate("stranger", 2200);
    let port = asking(&server, &us).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let put = |who: &CertifiedKey<KeyPair>| {
        std::fs::write(path("us.pem"), who.cert.pem()).unwrap();
        std::fs::write(path("us.key"), who.signing_key.serialize_pem()).unwrap();
    };
    std::fs::write(path("ca.pem"), server.cert.pem()).unwrap();
    put(&stranger);
    let identity = ClientIdentity {
        certificate: path("us.pem"),
        key: path("us.key"),
    };
    let with = |identity: Option<ClientIdentity>| Settings {
        ca_file: Some(path("ca.pem")),
        identity,
        total_timeout: Duration::from_secs(5),
        ..Settings::default()
    };
    let ask = async |egress: &Egress| {
        let url = format!("https://localhost:{port}/");
        let target = egress.target(&url, Trust::Trusted).unwrap();
        let request = Request::new(http::Method::GET, target);
        egress.send(request, Trust::Trusted).await.map(|r| r.status)
    };
    let unknown = Egress::new(with(None)).unwrap();
    assert!(ask(&unknown).await.is_err());
    let known = Egress::new(with(Some(identity.clone()))).unwrap();
    assert!(ask(&known).await.is_err(), "a stranger");
    put(&us);
    assert_eq!(ask(&known).await, Ok(204));

    std::fs::write(path("us.key"), stranger.signing_key.serialize_pem()).unwrap();
    let error = Egress::new(with(Some(identity))).unwrap_err().to_string();
    assert!(error.contains("us.key"), "{error}");
}

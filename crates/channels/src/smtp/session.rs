//! A connection that greeted us and let us in, and can carry one letter after the other.

use app::ports::{Cause, DeliveryError, Verdict};
use egress::{Egress, Trust};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, timeout};

use super::reply::{Stage, silent};
use super::starttls;
use super::step::{step, step_plain};
use super::wire::{DotWatch, Stream, Wire};
use super::{Server, TlsMode};
use crate::failure::{failure, unreached};

/// How long a goodbye may take; how it is answered does not matter.
const GOODBYE: Duration = Duration::from_secs(2);

/// A connection between two letters.
pub(super) struct Session {
    pub(super) connection: AsyncSmtpConnection,
    /// Whether the end of a message is out.
    pub(super) dot: DotWatch,
    /// The server takes several commands at once (RFC 2920).
    pub(super) pipelines: bool,
    /// Letters it carried.
    pub(super) letters: u32,
    /// Since when it is not used.
    pub(super) idle_since: Instant,
}

impl Session {
    /// Connects, secures and signs in.
    pub(super) async fn open(egress: &Egress, server: &Server) -> Result<Self, DeliveryError> {
        let mut tcp = egress
            .dial(&server.host, server.port, Trust::Trusted)
            .await
            .map_err(|e| unreached(&e))?;
        let peer = tcp
            .peer_addr()
            .map_err(|e| silent(Stage::Hello, Cause::Unreachable, &e.to_string()))?;
        let limit = server.limits.command;
        let (stream, first): (Box<dyn Stream>, &[u8]) = match server.tls {
            TlsMode::None => (Box::new(tcp), b""),
            TlsMode::Implicit => (secure(egress, server, tcp).await?, b""),
            TlsMode::StartTls => {
                step_plain(limit, starttls::prepare(&mut tcp, &server.hello)).await?;
                (secure(egress, server, tcp).await?, b"220 secured\r\n")
            }
        };
        let dot = DotWatch::default();
        let wire = Wire::new(stream, peer, first, dot.clone());
        let offered = wire.offered();
        let hello = ClientId::Domain(server.hello.clone());
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let mut connection = step(limit, Stage::Hello, greeted).await?;
        authenticate(&mut connection, server).await?;
        Ok(Self {
            connection,
            dot,
            pipelines: offered.has("PIPELINING"),
            letters: 0,
            idle_since: Instant::now(),
        })
    }

    /// Says goodbye, for as long as that may take.
    pub(super) async fn close(mut self) {
        let _ = timeout(GOODBYE, self.connection.quit()).await;
    }
}

async fn secure(
    egress: &Egress,
    server: &Server,
    tcp: TcpStream,
) -> Result<Box<dyn Stream>, DeliveryError> {
    let handshake = async {
        egress
            .secure(tcp, &server.host)
            .await
            .map_err(|e| unreached(&e))
    };
    Ok(Box::new(
        step_plain(server.limits.command, handshake).await?,
    ))
}

async fn authenticate(
    connection: &mut AsyncSmtpConnection,
    server: &Server,
) -> Result<(), DeliveryError> {
    let Some(login) = &server.login else {
        return Ok(());
    };
    if connection
        .server_info()
        .get_auth_mechanism(DEFAULT_MECHANISMS)
        .is_none()
    {
        let detail =
            "the mail server offers neither AUTH PLAIN nor AUTH LOGIN, yet a name is configured";
        return Err(failure(Verdict::ChannelBroken, Cause::Auth, detail));
    }
    let credentials = Credentials::new(login.username.clone(), login.password.expose().clone());
    let attempt = connection.auth(DEFAULT_MECHANISMS, &credentials);
    step(server.limits.command, Stage::Auth, attempt)
        .await
        .map(drop)
}

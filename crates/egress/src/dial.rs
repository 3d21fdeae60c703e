//! A bare connection to a host, under the same policy as HTTP: mail, TLS probes.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use url::Host;

use crate::address::Trust;
use crate::error::EgressError;
use crate::settings::Egress;

impl Egress {
    /// Connects to the first permitted address that answers, within the connect
    /// limit for all of them together. The stream does not wait to fill segments.
    ///
    /// # Errors
    /// Refused by policy, no address, or no connection in time.
    pub async fn dial(
        &self,
        host: &str,
        port: u16,
        trust: Trust,
    ) -> Result<TcpStream, EgressError> {
        let limit = self.settings.connect_timeout;
        let dialled = tokio::time::timeout(limit, self.dial_unbounded(host, port, trust)).await;
        dialled.unwrap_or_else(|_| {
            Err(EgressError::Timeout {
                host: host.to_owned(),
                after: limit,
            })
        })
    }

    async fn dial_unbounded(
        &self,
        host: &str,
        port: u16,
        trust: Trust,
    ) -> Result<TcpStream, EgressError> {
        let mut failure = None;
        for address in self.permitted(host, trust).await? {
            match connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return self.verified(stream, host, trust),
                Err(error) => failure = Some(EgressError::from_io(host, &error)),
            }
        }
        Err(failure.unwrap_or_else(|| EgressError::Resolve {
            host: host.to_owned(),
            reason: "no address".to_owned(),
        }))
    }

    async fn permitted(&self, host: &str, trust: Trust) -> Result<Vec<IpAddr>, EgressError> {
        let literal = match Host::parse(host) {
            Ok(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Ok(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            _ => host.parse().ok(),
        };
        match literal {
            Some(address) => match self.policy.check(address, trust) {
                Ok(()) => Ok(vec![address]),
                Err(refusal) => Err(EgressError::Refused {
                    host: host.to_owned(),
                    refusal,
                }),
            },
            None => self.guard(trust).addresses(host).await,
        }
    }

    /// What counts is where the stream leads in the end.
    fn verified(
        &self,
        stream: TcpStream,
        host: &str,
        trust: Trust,
    ) -> Result<TcpStream, EgressError> {
        let peer = stream
            .peer_addr()
            .map_err(|e| EgressError::from_io(host, &e))?;
        match self.policy.check(peer.ip(), trust) {
            Ok(()) => Ok(stream),
            Err(refusal) => Err(EgressError::Refused {
                host: host.to_owned(),
                refusal,
            }),
        }
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

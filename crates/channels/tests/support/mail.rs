//! A mail channel that leads to the fake, and a letter over it.

use std::time::Duration;

use app::ports::{Channel, DeliveryError, Receipt};
use channels::smtp::{Limits, Login, Server, TlsMode};
use channels::{EmailChannel, EmailSettings};
use domain::kernel::{ChannelId, MessageId, Secret};

use super::smtp_fake::SmtpFake;
use super::{ci_deploy, egress, notices, now};

pub fn channel(
    fake: &SmtpFake,
    tls: TlsMode,
    login: Option<(&str, &str)>,
    millis: u64,
) -> EmailChannel {
    let limit = Duration::from_millis(millis);
    let server = Server {
        host: "localhost".to_owned(),
        port: fake.port,
        tls,
        login: login.map(|(user, password)| Login {
            username: user.to_owned(),
            password: Secret::new(password.to_owned()),
        }),
        hello: "forewarn.example.org".to_owned(),
        limits: Limits {
            command: limit,
            message: limit * 3,
        },
    };
    let id = ChannelId::parse("mail").unwrap();
    let settings = EmailSettings {
        id,
        server,
        from: "Forewarn <tokens@example.org>".to_owned(),
    };
    EmailChannel::new(settings, egress(Some(&fake.ca), 2_000)).unwrap()
}

pub async fn send(channel: &EmailChannel) -> Result<Receipt, DeliveryError> {
    let payload = channel.render(&notices(vec![ci_deploy()])).unwrap();
    channel
        .send(
            &MessageId::parse("msg_0TestMessage").unwrap(),
            &payload,
            now(),
        )
        .await
}

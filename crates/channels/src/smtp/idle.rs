//! Connections that are kept between letters, for the next one.
//!
//! Connecting, TLS and signing in cost more than the letter. A connection is kept for a
//! moment only, so that mail servers are not held up, and never for more letters than
//! they like.

use std::sync::{Arc, Mutex, PoisonError};

use app::ports::{Cause, DeliveryError, Receipt};
use egress::Egress;
use tokio::time::{Duration, Instant, sleep, timeout_at};

use super::Server;
use super::letter::{Envelope, Refusal, hand_over, stage_of};
use super::reply::{Stage, silent};
use super::session::Session;

/// Longer than this nothing is kept unused.
const IDLE_MAX: Duration = Duration::from_secs(5);
/// Letters over one connection; Postfix and Exchange allow hundreds.
const LETTERS_MAX: u32 = 100;
/// Connections kept at once.
const KEPT_MAX: usize = 16;

/// The way to one mail server.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<Vec<Session>>>);

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connections({} kept)", self.kept().len())
    }
}

impl Connections {
    /// Hands one message over, on a kept connection or a new one. Bounded in time as a whole
    /// and in each step.
    ///
    /// # Errors
    /// With the verdict that follows from the server's reply, or from its silence.
    pub async fn send(
        &self,
        egress: &Egress,
        server: &Server,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<Receipt, DeliveryError> {
        let until = Instant::now() + server.limits.message;
        if let Some(kept) = self.take() {
            match self.over(kept, server, envelope, message, until).await {
                // Nobody heard a word of it: as if it had not been there.
                Err(refusal) if refusal.was_dead => {}
                done => return done.map_err(|refusal| refusal.error),
            }
        }
        let opened = timeout_at(until, Session::open(egress, server)).await;
        let new = opened.map_err(|_| too_long(Stage::Hello))??;
        let done = self.over(new, server, envelope, message, until).await;
        done.map_err(|refusal| refusal.error)
    }

    async fn over(
        &self,
        mut session: Session,
        server: &Server,
        envelope: &Envelope,
        message: &[u8],
        until: Instant,
    ) -> Result<Receipt, Refusal> {
        let letter = hand_over(&mut session, server, envelope, message);
        let done = timeout_at(until, letter).await;
        match done {
            Ok(Ok(receipt)) => {
                self.keep(session);
                Ok(receipt)
            }
            // What was half said is not said on: the connection ends, and with it the letter.
            // Behind several commands at once a goodbye could be taken for its first line.
            Ok(Err(refusal)) => {
                if !session.pipelines {
                    tokio::spawn(session.close());
                }
                Err(refusal)
            }
            Err(_) => Err(too_long(stage_of(&session)).into()),
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Session> {
        let newest = self.kept().pop()?;
        // Older ones are closed by their own watch.
        (newest.idle_since.elapsed() < IDLE_MAX).then_some(newest)
    }

    fn keep(&self, mut session: Session) {
        session.idle_since = Instant::now();
        let mut kept = self.kept();
        if session.letters >= LETTERS_MAX || kept.len() >= KEPT_MAX {
            drop(kept);
            tokio::spawn(session.close());
            return;
        }
        let is_first = kept.is_empty();
        kept.push(session);
        drop(kept);
        if is_first {
            tokio::spawn(self.clone().watch());
        }
    }

    /// Closes what is not used any more, until nothing is kept.
    async fn watch(self) {
        loop {
            sleep(IDLE_MAX).await;
            let is_old = |s: &mut Session| s.idle_since.elapsed() >= IDLE_MAX;
            let old: Vec<Session> = self.kept().extract_if(.., is_old).collect();
            for session in old {
                session.close().await;
            }
            if self.kept().is_empty() {
                return;
            }
        }
    }
}

fn too_long(stage: Stage) -> DeliveryError {
    silent(stage, Cause::Timeout, "the whole message took too long")
}

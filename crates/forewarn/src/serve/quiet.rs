//! When has a connection been quiet for so long that its seat is given to somebody else?
//!
//! HTTP/1 has a limit of the server's own. In HTTP/2 a client that answers pings and asks
//! nothing would keep its seat for ever.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};

/// For so long at least, and twice as long at most, a connection may be quiet.
const LONG: Duration = Duration::from_secs(60);

/// What a connection is asked.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Quiet {
    /// Notes that something was asked; it is under way until what comes back is dropped.
    pub(super) fn asked(self: &Arc<Self>) -> Asked {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Asked(Arc::clone(self))
    }

    /// Ends once nothing was asked, and nothing was under way, for long.
    pub(super) async fn for_long(&self) {
        let mut before = None;
        loop {
            let counts = [&self.begun, &self.ended].map(|c| c.load(Ordering::Relaxed));
            let [begun, ended] = counts;
            if begun == ended && before == Some(counts) {
                return;
            }
            before = Some(counts);
            tokio::time::sleep(LONG).await;
        }
    }
}

/// Something that is under way.
#[derive(Debug)]
pub(super) struct Asked(Arc<Quiet>);

impl Asked {
    /// The same answer, under way until its body was sent.
    pub(super) fn answered(self, response: Response) -> Response {
        response.map(|body| Body::new(Answer { body, _asked: self }))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

struct Answer {
    body: Body,
    _asked: Asked,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_sent_away_within(quiet: &Quiet, time: Duration) -> bool {
        tokio::time::timeout(time, quiet.for_long()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_only_answers_pings_is_sent_away() {
        let quiet = Quiet::default();
        let almost = LONG - Duration::from_millis(1);
        assert!(!is_sent_away_within(&quiet, almost).await);
        assert!(is_sent_away_within(&quiet, LONG + Duration::from_millis(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_an_answer_or_reads_one_stays() {
        let quiet = Arc::new(Quiet::default());
        let asked = quiet.asked();
        assert!(!is_sent_away_within(&quiet, LONG * 10).await);
        let answer = asked.answered(Response::new(Body::from("slowly")));
        assert_eq!(answer.body().size_hint().exact(), Some(6));
        assert!(!is_sent_away_within(&quiet, LONG * 10).await);
        drop(answer);
        assert!(is_sent_away_within(&quiet, LONG * 2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_now_and_then_stays() {
        let quiet = Arc::new(Quiet::default());
        let asks = async {
            for _ in 0..100 {
                tokio::time::advance(LONG - Duration::from_secs(1)).await;
                drop(quiet.asked());
            }
        };
        tokio::select! {
            () = asks => {}
            () = quiet.for_long() => panic!("sent away"),
        }
    }
}

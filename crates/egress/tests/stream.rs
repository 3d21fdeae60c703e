//! Answers that are read piece by piece, from servers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod fakes;

use std::time::Duration;

use egress::{EgressError, Flow, Request, Streamed, Trust};
use fakes::{Act, Fake, open_egress};
use http::Method;

async fn open(fake: &Fake, flow: Flow) -> Result<Streamed, EgressError> {
    let egress = open_egress(300);
    let target = egress.target(&fake.url(), Trust::Guarded).unwrap();
    let request = Request::new(Method::GET, target);
    egress.stream(request, Trust::Guarded, flow).await
}

/// Everything up to the end or an error.
async fn drain(mut answer: Streamed) -> (u64, Option<EgressError>) {
    let mut read = 0;
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) => read += piece.len() as u64,
            Ok(None) => return (read, None),
            Err(error) => return (read, Some(error)),
        }
    }
}

#[tokio::test]
async fn an_answer_comes_in_pieces_with_its_status_and_headers() {
    let said = b"HTTP/1.1 201 x\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhello".to_vec();
    let answer = open(&Fake::start(Act::Say(said)).await, Flow::default())
        .await
        .unwrap();
    assert_eq!((answer.status, answer.header("x-a")), (201, Some("b")));
    assert_eq!(answer.bytes(5).await.unwrap().as_ref(), b"hello");
}

/// B57: the byte limit is inclusive, and a body without end costs no more.
#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    let flow = Flow {
        bytes_max: 1_000_000,
        ..Flow::default()
    };
    let answer = open(&Fake::start(Act::Endless).await, flow).await.unwrap();
    let (read, error) = drain(answer).await;
    assert!(read <= 1_000_000);
    assert_eq!(error.unwrap().class(), "bad_response");
    let said = b"HTTP/1.1 200 x\r\ncontent-length: 5\r\n\r\nhello".to_vec();
    let fake = Fake::start(Act::Say(said)).await;
    assert!(open(&fake, flow).await.unwrap().bytes(4).await.is_err());
}

/// B57: a slow answer goes on as long as pieces come, and no longer than all may take.
#[tokio::test]
async fn pieces_may_take_long_together_but_not_each() {
    let drip = || Fake::start(Act::Drip(Duration::from_millis(5)));
    // 1 KiB in pieces of a byte takes five seconds, far beyond the client's 300 ms.
    let flow = Flow {
        idle: Duration::from_millis(2_000),
        whole: Duration::from_millis(900),
        ..Flow::default()
    };
    let (read, error) = drain(open(&drip().await, flow).await.unwrap()).await;
    assert!(read > 20 && read < 1_000, "{read}");
    assert_eq!(error.unwrap().class(), "timeout");
    let stalled = b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nhello".to_vec();
    let flow = Flow {
        idle: Duration::from_millis(100),
        ..Flow::default()
    };
    let answer = open(&Fake::start(Act::SayAndHang(stalled)).await, flow)
        .await
        .unwrap();
    let (read, error) = drain(answer).await;
    assert_eq!((read, error.unwrap().class()), (5, "timeout"));
}

/// B57: a body that breaks off is an error, never an end.
#[tokio::test]
async fn a_body_that_breaks_off_is_no_end() {
    let said = b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nhello".to_vec();
    let answer = open(&Fake::start(Act::Say(said)).await, Flow::default())
        .await
        .unwrap();
    let (_, error) = drain(answer).await;
    assert_eq!(error.unwrap().class(), "bad_response");
}

/// B57: no head in time.
#[tokio::test]
async fn a_head_that_does_not_come_is_waited_for_as_long_as_always() {
    let error = open(&Fake::start(Act::Hang).await, Flow::default()).await;
    assert_eq!(error.unwrap_err().class(), "timeout");
}

/// B53: the address policy is the same.
#[tokio::test]
async fn inside_addresses_are_refused_here_too() {
    let egress = egress::Egress::new(egress::Settings::default()).unwrap();
    let target = egress
        .target("http://127.0.0.1:9/", Trust::Trusted)
        .unwrap();
    let request = Request::new(Method::GET, target);
    let error = egress
        .stream(request, Trust::Guarded, Flow::default())
        .await;
    assert_eq!(error.unwrap_err().class(), "refused");
}

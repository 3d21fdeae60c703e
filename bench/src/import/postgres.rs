//! Rows of one PostgreSQL database copied into another with COPY, which is the quickest.

use std::pin::pin;
use std::time::Instant as Moment;

use anyhow::Result;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_postgres::{Client, NoTls};

use super::TABLES;

/// Bytes of one COPY, some ten thousand rows.
const TOGETHER: usize = 8 << 20;

/// Seconds that copying in takes; reading is not counted.
///
/// # Errors
/// The database's.
pub fn copied(from: &str, to: &str) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (from, to) = (connected(from).await?, connected(to).await?);
        let mut seconds = 0.0;
        for table in TABLES {
            to.batch_execute(&format!("DELETE FROM {table}")).await?;
            seconds += one(&from, &to, table).await?;
        }
        Ok(seconds)
    })
}

async fn connected(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn one(from: &Client, to: &Client, table: &str) -> Result<f64> {
    let read = from.copy_out(&format!("COPY {table} TO STDOUT")).await?;
    // Is asked again behind its end.
    let read = read.fuse();
    let mut read = pin!(read);
    let mut seconds = 0.0;
    loop {
        let mut chunk: Vec<Bytes> = Vec::new();
        let mut size = 0;
        while size < TOGETHER
            && let Some(row) = read.next().await
        {
            let row = row?;
            size += row.len();
            chunk.push(row);
        }
        if chunk.is_empty() {
            return Ok(seconds);
        }
        let began = Moment::now();
        let sink = to.copy_in(&format!("COPY {table} FROM STDIN")).await?;
        let mut sink = pin!(sink);
        for part in chunk.chunks(256) {
            sink.feed(Bytes::from(part.concat())).await?;
        }
        sink.finish().await?;
        seconds += began.elapsed().as_secs_f64();
    }
}

//! What stands around the nodes: nginx before them, PgBouncer behind them.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use testkit::server::signal;

use super::cluster::{lend, unprivileged};
use super::free_port;
use crate::nginx::{Nginx, free_address};

/// PgBouncer in transaction mode before one database.
pub(super) struct Pooler {
    child: Child,
    home: tempfile::TempDir,
    port: u16,
}

impl Pooler {
    pub(super) fn start(program: &Path, database: u16) -> Self {
        let home = tempfile::tempdir().unwrap();
        lend(home.path());
        let port = free_port();
        configure(home.path(), port, database);
        let log = std::fs::File::create(home.path().join("log")).unwrap();
        let child = unprivileged(program)
            .arg(home.path().join("pooler.ini"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, home, port }
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/forewarn", self.port)
    }

    /// From now on it leads to another server.
    pub(super) fn lead_to(&self, database: u16) {
        configure(self.home.path(), self.port, database);
        signal(&self.child, "HUP");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn configure(home: &Path, port: u16, database: u16) {
    let text = format!(
        "[databases]\n\
         forewarn = host=127.0.0.1 port={database} dbname=forewarn user=postgres\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = transaction\n\
         default_pool_size = 30\nmax_client_conn = 300\n\
         server_login_retry = 1\nquery_wait_timeout = 20\n"
    );
    std::fs::write(home.join("pooler.ini"), text).unwrap();
}

/// nginx that hands requests to the nodes in turn, and a question that one of them does not
/// answer to the next.
pub(super) struct Balancer {
    address: SocketAddr,
    _nginx: Nginx,
}

impl Balancer {
    pub(super) fn start(program: &Path, nodes: &[SocketAddr]) -> Self {
        let address = free_address();
        let nginx = Nginx::start(program, &balance(address, nodes));
        Self {
            address,
            _nginx: nginx,
        }
    }

    pub(super) fn client(&self) -> testkit::http::Client {
        testkit::http::Client::new(self.address)
    }
}

fn balance(address: SocketAddr, nodes: &[SocketAddr]) -> String {
    let servers = nodes
        .iter()
        .map(|node| format!("server {node} max_fails=1 fail_timeout=2s;"));
    let servers: String = servers.collect();
    format!(
        "upstream nodes {{ {servers} }}\n\
         server {{ listen {address};\n\
         location / {{ proxy_pass http://nodes; proxy_set_header Host $http_host;\n\
         proxy_connect_timeout 1s; proxy_read_timeout 5s;\n\
         proxy_next_upstream error timeout http_503; }} }}"
    )
}

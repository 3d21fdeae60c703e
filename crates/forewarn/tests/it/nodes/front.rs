//! What stands around the nodes: nginx before them, PgBouncer behind them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use testkit::server::signal;

use super::cluster::{lend, unprivileged};
use super::free_port;

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
    child: Child,
    address: SocketAddr,
    _home: tempfile::TempDir,
}

impl Balancer {
    pub(super) fn start(program: &Path, nodes: &[SocketAddr]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let file: PathBuf = home.path().join("nginx.conf");
        std::fs::write(&file, balance(home.path(), address, nodes)).unwrap();
        let child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(home.path().join("error.log"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            address,
            _home: home,
        }
    }

    pub(super) fn client(&self) -> testkit::http::Client {
        testkit::http::Client::new(self.address)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn balance(home: &Path, address: SocketAddr, nodes: &[SocketAddr]) -> String {
    let servers = nodes
        .iter()
        .map(|node| format!("server {node} max_fails=1 fail_timeout=2s;"));
    let servers: String = servers.collect();
    let home = home.display();
    // One process, so that it ends with the test.
    format!(
        "daemon off; master_process off; pid {home}/pid;\n\
         events {{ worker_connections 512; }}\n\
         http {{\n\
         access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;\n\
         fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;\n\
         upstream nodes {{ {servers} }}\n\
         server {{ listen {address};\n\
         location / {{ proxy_pass http://nodes; proxy_set_header Host $http_host;\n\
         proxy_connect_timeout 1s; proxy_read_timeout 5s;\n\
         proxy_next_upstream error timeout http_503; }} }} }}\n"
    )
}

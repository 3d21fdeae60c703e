//! A real nginx, for as long as a test runs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::wire::comes_true;

/// Ends with its value.
pub(crate) struct Nginx {
    child: Child,
    _home: tempfile::TempDir,
}

impl Nginx {
    /// Starts it with what stands between the braces of `http`.
    pub(crate) fn start(program: &Path, http: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("nginx.conf");
        std::fs::write(&file, whole(home.path(), http)).unwrap();
        let child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(home.path().join("error.log"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, _home: home }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn whole(home: &Path, http: &str) -> String {
    let home = home.display();
    // One process, so that it ends with the test.
    format!(
        "daemon off; master_process off; pid {home}/pid;\n\
         events {{ worker_connections 512; }}\n\
         http {{\n\
         access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;\n\
         fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;\n\
         {http} }}\n"
    )
}

/// Where nobody listens now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Waits until somebody listens there.
pub(crate) fn listens(address: SocketAddr) {
    assert!(
        comes_true(20, || TcpStream::connect(address).is_ok()),
        "nobody listens at {address}"
    );
}

//! Metrics and health over HTTP, for Prometheus and for containers.
//!
//! Owns a listener and its few connections: `GET /metrics` and `GET /health` (also `/healthz`, `/ready`), one request per
//! connection. Small on purpose: what asks here sends one line and some headers. Bounded: so many at a time, so many
//! bytes, so many seconds.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_broker_core::Report;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;

use crate::metrics::Metrics;
use crate::router::{Post, Router};

/// How many may ask at a time.
const CONNECTIONS_MAX: usize = 16;
/// How long request and answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a request may be.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// What is shown.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) router: Router,
}

/// Listens; the task ends when it is aborted.
///
/// # Errors
/// The address cannot be listened on.
pub(crate) fn start(
    runtime: &Handle,
    address: &str,
    page: Page,
) -> io::Result<(SocketAddr, AbortHandle)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    let listener = TcpListener::from_std(listener)?;
    let task = runtime.spawn(accept(listener, Arc::new(page)));
    Ok((bound, task.abort_handle()))
}

async fn accept(listener: TcpListener, page: Arc<Page>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((socket, _)) => {
                let page = Arc::clone(&page);
                tokio::spawn(async move {
                    // Whoever is too slow is left alone.
                    _ = tokio::time::timeout(PATIENCE, serve(socket, &page)).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(mut socket: TcpStream, page: &Page) -> io::Result<()> {
    let head = read_head(&mut socket).await?;
    let (status, kind, body) = match request_line(&head) {
        Some(("GET" | "HEAD", "/metrics")) => match page.report().await {
            Some(report) => ("200 OK", PROMETHEUS, page.metrics.page(&report)),
            None => (
                "503 Service Unavailable",
                TEXT,
                "the broker has failed\n".to_owned(),
            ),
        },
        Some(("GET" | "HEAD", "/health" | "/healthz" | "/ready")) => match page.report().await {
            Some(_) => ("200 OK", TEXT, "healthy\n".to_owned()),
            None => (
                "503 Service Unavailable",
                TEXT,
                "the broker has failed\n".to_owned(),
            ),
        },
        Some(("GET" | "HEAD", _)) => (
            "404 Not Found",
            TEXT,
            "here are /metrics and /health\n".to_owned(),
        ),
        Some(_) => (
            "405 Method Not Allowed",
            TEXT,
            "only GET is understood\n".to_owned(),
        ),
        None => ("400 Bad Request", TEXT, "this is not HTTP\n".to_owned()),
    };
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    if !head.starts_with("HEAD ") {
        answer.push_str(&body);
    }
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await
}

impl Page {
    /// `None` when the broker does not answer.
    async fn report(&self) -> Option<Report> {
        let (reply, report) = oneshot::channel();
        self.router.post(Post::Report(reply)).ok()?;
        report.await.ok()
    }
}

/// Up to the empty line.
pub(crate) async fn read_head(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = socket.read(&mut chunk).await?;
        if read == 0 || head.len() + read > HEAD_BYTES_MAX {
            break;
        }
        head.extend_from_slice(&chunk[..read]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Method and path, without the query.
pub(crate) fn request_line(head: &str) -> Option<(&str, &str)> {
    let mut words = head.lines().next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let path = target.split('?').next().unwrap_or(target);
    version.starts_with("HTTP/1.").then_some((method, path))
}

const TEXT: &str = "text/plain; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_is_method_path_and_version() {
        assert_eq!(
            request_line("GET /metrics?x=1 HTTP/1.1\r\n"),
            Some(("GET", "/metrics"))
        );
        assert_eq!(request_line("GET /metrics\r\n"), None);
        assert_eq!(request_line("\0\0\0\x14\0\x12"), None);
    }
}

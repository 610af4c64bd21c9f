//! One HTTP request: POST a form to a token endpoint, over TCP or TLS.
//!
//! HTTP/1.1 with `Connection: close`, which is all a token endpoint is asked; a library for more would bring its own
//! TLS configuration and threads. Bounded in time and in the size of the answer. Runs on a task of its own.

use std::time::Duration;

use rdkafka_client_core::conf::SocketConfig;
use rdkafka_client_core::io::{DisconnectReason, Endpoint};
use rdkafka_sasl::oauthbearer::oidc::TokenRequest;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::connect::Resolver;
use crate::tls::Tls;

/// How long the whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// Where to send a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Url {
    is_https: bool,
    endpoint: Endpoint,
    /// Host and port as they were written.
    authority: String,
    path: String,
}

impl Url {
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let wrong = || format!("{url} is not a URL of http:// or https://");
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(wrong()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let is_clean = |text: &str| !text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
        if !is_clean(authority) || !is_clean(&path) || authority.contains('@') {
            return Err(wrong());
        }
        let default_port = if is_https { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (authority, default_port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            is_https,
            endpoint: Endpoint {
                host: host.into(),
                port,
            },
            authority: authority.to_owned(),
            path,
        })
    }
}

/// Ask; the status and the body, or what went wrong.
pub(crate) async fn post(
    url: &str,
    request: &TokenRequest,
    tls: &Tls,
    conf: &SocketConfig,
) -> Result<(u16, Vec<u8>), String> {
    let url = Url::parse(url)?;
    let exchange = async {
        let stream = Resolver::default().connect(&url.endpoint, conf).await;
        let stream = stream.map_err(words)?;
        if url.is_https {
            let stream = tls.secure(&url.endpoint, stream).await.map_err(words)?;
            converse(stream, &url, request).await
        } else {
            converse(stream, &url, request).await
        }
    };
    let answer = tokio::time::timeout(TIMEOUT, exchange).await;
    answer.unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs())))
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    url: &Url,
    request: &TokenRequest,
) -> Result<(u16, Vec<u8>), String> {
    let authorization = match &request.authorization {
        Some(value) => format!("Authorization: {value}\r\n"),
        None => String::new(),
    };
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\n{authorization}Accept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        url.path,
        url.authority,
        request.body.len()
    );
    let failed = |error: std::io::Error| crate::connect::words(&error);
    stream.write_all(head.as_bytes()).await.map_err(failed)?;
    stream
        .write_all(request.body.as_bytes())
        .await
        .map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    let mut answer = Vec::new();
    let read = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await;
    match parse(&answer) {
        Some(parsed) => Ok(parsed),
        None => Err(read
            .err()
            .map_or_else(|| "the answer is not HTTP".to_owned(), failed)),
    }
}

/// Status and body of an answer; `None` when it is not whole.
pub(crate) fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    const BLANK: &[u8] = b"\r\n\r\n";
    let end = answer.windows(BLANK.len()).position(|it| it == BLANK)?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let body = &answer[end + BLANK.len()..];
    let mut lines = head.split("\r\n");
    let mut status = lines.next()?.split(' ');
    if !status.next()?.starts_with("HTTP/1.") {
        return None;
    }
    let status = status.next()?.parse().ok()?;
    let mut length = None;
    let mut is_chunked = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<usize>().ok()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    let body = if is_chunked {
        unchunk(body)?
    } else {
        body.get(..length.unwrap_or(body.len()))?.to_vec()
    };
    Some((status, body))
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|it| it == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = size.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

fn words(reason: DisconnectReason) -> String {
    match reason {
        DisconnectReason::Resolve(error) => format!("Failed to resolve: {error}"),
        DisconnectReason::Connect { address, error } => {
            format!("Connect to {address} failed: {error}")
        }
        DisconnectReason::Tls { error, .. } => format!("SSL handshake failed: {error}"),
        DisconnectReason::Io(error) => error,
        DisconnectReason::Closed | DisconnectReason::FrameSize(_) => "Disconnected".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let url = Url::parse("https://idp.example:8443/realms/x/token?a=b#c").unwrap();
        assert_eq!(url.endpoint.to_string(), "idp.example:8443");
        assert_eq!(url.path, "/realms/x/token?a=b");
        assert!(url.is_https);
        assert_eq!(Url::parse("http://[::1]").unwrap().endpoint.port, 80);
        assert_eq!(
            Url::parse("http://[::1]:8080/x")
                .unwrap()
                .endpoint
                .to_string(),
            "[::1]:8080"
        );
        for wrong in [
            "",
            "ftp://x",
            "http://",
            "http://a b/",
            "http://x:y/",
            "http://a/\r\nX: y",
        ] {
            assert!(Url::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_is_read_by_length_by_chunks_or_to_its_end() {
        let body = b"hello".to_vec();
        for answer in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"[..],
            b"HTTP/1.1 200 OK\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        ] {
            assert_eq!(parse(answer), Some((200, body.clone())));
        }
        for wrong in [
            &b""[..],
            b"SSH-2.0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhe",
        ] {
            assert_eq!(parse(wrong), None);
        }
    }
}

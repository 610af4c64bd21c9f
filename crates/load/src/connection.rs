//! One connection: frames out, frames in. No state of the protocol but the correlation id.

use anyhow::{Context, Result, anyhow, bail};
use bytes::{Buf, Bytes, BytesMut};
use rdkafka_wire::frame::{decode_response, encode_request};
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;
use rdkafka_wire::{Message, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is taken.
const FRAME_LEN_MAX: usize = 1 << 30;
const READ_BYTES: usize = 256 * 1024;
const CLIENT_ID: &str = "load";

/// A connection to the broker.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("{address} cannot be reached"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: BytesMut::new(),
        })
    }

    /// What every client says first.
    pub(crate) async fn introduce(&mut self) -> Result<()> {
        self.call(&ApiVersionsRequest::default(), 0).await.map(drop)
    }

    /// Asks and waits for the answer.
    pub(crate) async fn call<R: Request>(
        &mut self,
        request: &R,
        version: i16,
    ) -> Result<R::Response> {
        self.send(&encode(request, version)).await?;
        let frame = self.receive().await?;
        decode::<R::Response>(frame, R::KEY, version)
    }

    pub(crate) async fn send(&mut self, frame: &Bytes) -> Result<()> {
        Ok(self.stream.write_all(frame).await?)
    }

    /// The next answer, without its length.
    pub(crate) async fn receive(&mut self) -> Result<Bytes> {
        loop {
            if let Some(prefix) = self.buffer.first_chunk::<4>() {
                let len = usize::try_from(i32::from_be_bytes(*prefix))
                    .ok()
                    .filter(|len| *len <= FRAME_LEN_MAX)
                    .context("the broker sent a frame of an impossible length")?;
                if self.buffer.len() >= 4 + len {
                    self.buffer.advance(4);
                    return Ok(self.buffer.split_to(len).freeze());
                }
            }
            self.buffer.reserve(READ_BYTES);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the broker closed the connection");
            }
        }
    }
}

/// A request as it goes over the wire.
pub(crate) fn encode<R: Request>(request: &R, version: i16) -> Bytes {
    encode_request(request, version, 1, Some(CLIENT_ID)).into_bytes()
}

/// What an answer says.
pub(crate) fn decode<M: Message>(
    frame: Bytes,
    key: rdkafka_wire::ApiKey,
    version: i16,
) -> Result<M> {
    let (_, response) = decode_response(frame, key, version)
        .map_err(|error| anyhow!("the answer cannot be read: {error}"))?;
    Ok(response)
}

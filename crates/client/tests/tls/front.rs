//! What speaks TLS in front of an embedded broker.

use std::net::SocketAddr;
use std::sync::Arc;

use rdkafka_broker::{Broker, BrokerConf};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, copy_bidirectional_with_sizes};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// What it does with a connection.
#[derive(Clone)]
pub(crate) enum Manner {
    /// Hand on what comes and goes, in pieces of so many bytes.
    Serve(Arc<ServerConfig>, usize),
    /// Read a little, then hang up.
    Cut,
    /// Read, and never answer.
    Silent,
}

/// A broker and what stands before it; both end with it.
pub(crate) struct Front {
    address: SocketAddr,
    broker: Broker,
    runtime: Option<Runtime>,
}

impl Front {
    /// Before a broker with the topic `t` of one partition, that tells clients to come to `host`.
    pub(crate) fn start(host: &str, manner: Manner) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            // Small, so that whoever writes much has to wait in between.
            socket.set_recv_buffer_size(8 * 1024).unwrap();
            socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
            socket.listen(64).unwrap()
        });
        let address = listener.local_addr().unwrap();
        let mut conf = BrokerConf::embedded(1);
        conf.config.advertised_listeners = vec![format!("PLAINTEXT://{host}:{}", address.port())];
        conf.topics = vec![("t".to_owned(), 1)];
        let broker = Broker::start(conf).unwrap();
        let behind = broker.addresses()[0];
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behind, manner.clone()));
            }
        });
        Self {
            address,
            broker,
            runtime: Some(runtime),
        }
    }

    /// Where TLS is spoken.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The same by a name.
    pub(crate) fn localhost(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// Where the broker itself listens, without TLS.
    pub(crate) fn behind(&self) -> String {
        self.broker.addresses()[0].to_string()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(mut stream: TcpStream, behind: SocketAddr, manner: Manner) {
    match manner {
        Manner::Serve(config, size) => {
            let Ok(mut secured) = TlsAcceptor::from(config).accept(stream).await else {
                return;
            };
            let mut plain = TcpStream::connect(behind).await.unwrap();
            _ = copy_bidirectional_with_sizes(&mut secured, &mut plain, size, size).await;
        }
        Manner::Cut => {
            _ = stream.read(&mut [0; 16]).await;
        }
        Manner::Silent => {
            while stream
                .read(&mut [0; 1024])
                .await
                .is_ok_and(|count| count > 0)
            {}
        }
    }
}

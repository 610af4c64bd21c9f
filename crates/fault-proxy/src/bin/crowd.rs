//! A crowd at a broker's door: `crowd ADDRESS CONNECTIONS` opens that many connections of bad manners and keeps them up.
//!
//! A fifth each says nothing, sends a request a byte a second, sends garbage, announces a huge request and stops within it,
//! or asks and never reads an answer. Who is thrown out comes back. Prints `ready` once every connection was made, leaves when
//! its standard input ends, and says how often the broker threw somebody out. Runs on one thread.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

/// What a connection does.
#[derive(Debug, Clone, Copy)]
enum Manners {
    Silent,
    Slow,
    Garbage,
    Greedy,
    Deaf,
}

const ALL: [Manners; 5] = [
    Manners::Silent,
    Manners::Slow,
    Manners::Garbage,
    Manners::Greedy,
    Manners::Deaf,
];

#[derive(Debug, Default)]
struct Counts {
    /// Connections made for the first time.
    arrived: AtomicU64,
    thrown_out: AtomicU64,
    /// Attempts to connect that failed.
    failed: AtomicU64,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().and_then(|it| it.parse().ok());
    let connections = arguments.next().and_then(|it| it.parse().ok());
    let (Some(address), Some(connections)) = (address, connections) else {
        eprintln!("usage: crowd IP:PORT CONNECTIONS");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime.and_then(|runtime| runtime.block_on(gather(address, connections))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crowd: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn gather(address: SocketAddr, connections: u64) -> io::Result<()> {
    let counts = Arc::new(Counts::default());
    for (number, manners) in (0..connections).zip(ALL.into_iter().cycle()) {
        tokio::spawn(misbehave(address, manners, number, Arc::clone(&counts)));
        // The queue of connections that wait to be accepted is short.
        if number % AT_ONCE == 0 {
            tokio::task::yield_now().await;
            sleep(Duration::from_millis(1)).await;
        }
    }
    while counts.arrived.load(Ordering::Relaxed) < connections {
        sleep(Duration::from_millis(20)).await;
    }
    println!("ready");
    let leave = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    leave.await.map_err(io::Error::other)??;
    println!(
        "thrown out: {}, not connected: {}",
        counts.thrown_out.load(Ordering::Relaxed),
        counts.failed.load(Ordering::Relaxed)
    );
    Ok(())
}

/// One connection, again and again.
async fn misbehave(address: SocketAddr, manners: Manners, number: u64, counts: Arc<Counts>) {
    let mut noise = Noise(number.wrapping_mul(2) + 1);
    let mut is_first = true;
    loop {
        match connect(address, manners).await {
            Ok(mut stream) => {
                if std::mem::take(&mut is_first) {
                    counts.arrived.fetch_add(1, Ordering::Relaxed);
                }
                // An error is the end it waits for.
                let _ = behave(&mut stream, manners, &mut noise).await;
                counts.thrown_out.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => {
                counts.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
        sleep(RETURN_AFTER).await;
    }
}

async fn connect(address: SocketAddr, manners: Manners) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if matches!(manners, Manners::Deaf) {
        socket.set_recv_buffer_size(4096)?;
    }
    socket.connect(address).await
}

/// Ends when the broker ends the connection.
async fn behave(stream: &mut TcpStream, manners: Manners, noise: &mut Noise) -> io::Result<()> {
    match manners {
        Manners::Silent => {}
        Manners::Slow => {
            stream.write_all(&1000u32.to_be_bytes()).await?;
            loop {
                stream.write_all(&[0]).await?;
                sleep(Duration::from_secs(1)).await;
            }
        }
        Manners::Garbage => {
            let bytes: Vec<u8> = (0..4 + noise.next() % 500)
                .map(|_| noise.next().to_be_bytes()[0])
                .collect();
            stream.write_all(&bytes).await?;
        }
        Manners::Greedy => {
            stream.write_all(&90_000_000u32.to_be_bytes()).await?;
            for _ in 0..32 {
                stream.write_all(&[0; 4096]).await?;
            }
        }
        Manners::Deaf => {
            stream.write_all(&API_VERSIONS.repeat(200)).await?;
            std::future::pending::<()>().await;
        }
    }
    // Until the broker ends it.
    while stream.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

/// Numbers without pattern (xorshift): the same ones in every run.
struct Noise(u64);

impl Noise {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// ApiVersions, version 0, without a client id.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
const RETURN_AFTER: Duration = Duration::from_secs(2);
const AT_ONCE: u64 = 100;

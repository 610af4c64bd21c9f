//! What no broker can go below where records are sent out of files: a process that answers each request with a piece of a
//! file by `sendfile`, and does nothing else. A thread for each connection.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use clap::Args;
use nix::sys::sendfile::sendfile64;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::process::Process;

/// As much as a fetch of one partition brings.
const PIECE: usize = 1 << 20;
/// A request of the shortest length.
const REQUEST: &[u8; 4] = b"more";

#[derive(Debug, Args)]
pub(crate) struct Floor {
    /// The file, which is made.
    #[arg(long)]
    file: PathBuf,
    /// Its size in MiB.
    #[arg(long, default_value_t = 512)]
    mib: usize,
    /// Connections; each reads the file from its start to its end, again and again.
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// For how long.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// For how long before that, which does not count.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Answers, and makes no requests: the other process.
    #[arg(long, hide = true)]
    serve: bool,
}

impl Floor {
    pub(crate) async fn run(self) -> Result<Value> {
        if self.serve {
            return serve(&self.file);
        }
        let file = File::create(&self.file)?;
        for piece in 0..self.mib {
            file.write_all_at(&vec![b'x'; PIECE], (piece * PIECE) as u64)?;
        }
        let server = Server::start(&self.file)?;
        let mut process = Process::new(Some(server.child.id()))?;
        let mut connections = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            connections.push(Connection::open(&server.address).await?);
        }
        let mut bytes = 0;
        for seconds in [self.warm_up, self.seconds] {
            process.restart();
            let mut tasks = JoinSet::new();
            for connection in connections.drain(..) {
                tasks.spawn(read(connection, Duration::from_secs_f64(seconds)));
            }
            bytes = 0;
            while let Some(outcome) = tasks.join_next().await {
                let (connection, read) = outcome??;
                bytes += read;
                connections.push(connection);
            }
        }
        let cpu_ns = process.cpu_ns() as f64;
        Ok(process.report(json!({
            "mb_per_second": bytes as f64 / process.seconds() / 1e6,
            "cpu_ms_per_mb": cpu_ns / bytes as f64,
        })))
    }
}

/// Reads until it is time; returns the bytes.
async fn read(mut connection: Connection, time: Duration) -> Result<(Connection, u64)> {
    let began = Instant::now();
    let mut bytes = 0;
    while began.elapsed() < time {
        connection.send(&Bytes::from_static(REQUEST)).await?;
        bytes += connection.receive().await?.len() as u64;
    }
    Ok((connection, bytes))
}

/// The other process, until the value goes.
#[derive(Debug)]
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(file: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["floor", "--serve", "--file"])
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("it has no output")?;
        let mut server = Self {
            child,
            address: String::new(),
        };
        BufReader::new(stdout).read_line(&mut server.address)?;
        server.address.truncate(server.address.trim_end().len());
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers until the process is killed.
fn serve(file: &Path) -> Result<Value> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    loop {
        let (connection, _) = listener.accept()?;
        let file = File::open(file)?;
        // A connection that ends ends its thread.
        thread::spawn(move || answer(connection, &file));
    }
}

fn answer(mut connection: TcpStream, file: &File) -> Result<()> {
    let size = i64::try_from(file.metadata()?.len())?;
    let mut position = 0;
    loop {
        connection.read_exact(&mut [0; REQUEST.len()])?;
        connection.write_all(&u32::try_from(PIECE)?.to_be_bytes())?;
        let mut left = PIECE;
        while left > 0 {
            left -= sendfile64(&connection, file, Some(&mut position), left)?;
        }
        if position >= size {
            position = 0;
        }
    }
}

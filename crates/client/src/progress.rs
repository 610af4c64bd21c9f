//! Whether TCP gets through with what was written to a socket, as the kernel tells it.
//!
//! Asked only of a connection that is silent for long, on a worker: the table lists every socket of the machine. Linux;
//! where it cannot be read the answer is that it does, so that no connection is ended on a guess.

use std::fs;

use nix::sys::stat::fstat;
use tokio::net::TcpStream;

/// The kernel's tables of TCP sockets, per family.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
/// Columns of a table, from 0.
const QUEUES: usize = 4;
const RETRANSMITS: usize = 6;
const INODE: usize = 9;

/// What the kernel calls a socket; 0 when it does not say.
pub(crate) fn inode(stream: &TcpStream) -> u64 {
    fstat(stream).map_or(0, |stat| stat.st_ino)
}

/// Whether bytes are on their way on the socket and none of them had to be repeated; `true` when that is not known.
pub(crate) fn is_moving(inode: u64) -> bool {
    let tables = TABLES
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok());
    tables
        .filter_map(|table| read(&table, inode))
        .next()
        .unwrap_or(true)
}

fn read(table: &str, inode: u64) -> Option<bool> {
    let inode = inode.to_string();
    let row = table.lines().find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        (columns.get(INODE) == Some(&inode.as_str())).then_some(columns)
    })?;
    let (unacknowledged, _) = row.get(QUEUES)?.split_once(':')?;
    let unacknowledged = u64::from_str_radix(unacknowledged, 16).ok()?;
    let repeated = u64::from_str_radix(row.get(RETRANSMITS)?, 16).ok()?;
    Some(unacknowledged > 0 && repeated == 0)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[test]
    fn rows_of_the_kernels_table_are_read() {
        let row = |queue: &str, repeated: &str| {
            format!(
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                 1: 0100007F:A1B2 0100007F:2384 01 {queue}:00000000 01:00000014 {repeated}  1000        0 4711 2 0 20 4\n"
            )
        };
        assert_eq!(read(&row("00000000", "00000000"), 4711), Some(false));
        assert_eq!(read(&row("000003E8", "00000000"), 4711), Some(true));
        assert_eq!(read(&row("000003E8", "00000003"), 4711), Some(false));
        assert_eq!(read(&row("000003E8", "00000000"), 471), None);
    }

    #[test]
    fn a_socket_whose_bytes_all_arrived_is_found_and_is_not_busy() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut stream = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            stream.write_all(b"hello").await.unwrap();
            assert!(!is_moving(inode(&stream)));
        });
    }
}

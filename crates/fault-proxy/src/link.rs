//! One connection: a reader and a writer per direction, and what is known of the requests on their way.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka_wire::ApiKey;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::cable::Cable;
use crate::{Faults, Shared, lock};

/// More than any test sends in a frame; a longer one is no frame.
const FRAME_BYTES_MAX: usize = 64 << 20;
/// How often a slow link is let on.
const TICK: Duration = Duration::from_millis(10);

/// The APIs of requests not answered yet, by correlation id.
type Asked = Arc<Mutex<HashMap<[u8; 4], i16>>>;

pub(crate) async fn run(client: TcpStream, target: SocketAddr, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    let Ok(broker) = TcpStream::connect(target).await else {
        return;
    };
    // Pieces are to arrive as pieces. A socket that refuses this is about to fail anyhow.
    let _ = client.set_nodelay(true);
    let _ = broker.set_nodelay(true);
    let Ok(socket) = SockRef::from(&client).try_clone() else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let asked = Asked::default();
    let mut cable = Cable::new(&shared);
    let follow = async {
        loop {
            cable.changed(&socket).await;
        }
    };
    tokio::select! {
        () = follow => {}
        _ = requests(from_client, to_broker, &shared, &asked) => {}
        _ = answers(from_broker, to_client, &shared, &asked) => {}
        _ = cuts.changed() => {}
    }
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    asked: &Asked,
) -> io::Result<()> {
    loop {
        let frame = read_frame(&mut from).await?;
        // The key, its version, the correlation id.
        if let Some(&[a, b, _, _, c, d, e, f]) = frame.get(4..12) {
            let (api_key, id) = (i16::from_be_bytes([a, b]), [c, d, e, f]);
            shared.count_request(api_key);
            lock(asked).insert(id, api_key);
        }
        if shared.faults.borrow().swallows {
            continue;
        }
        until_audible(shared).await;
        let mut unlimited = usize::MAX;
        write(&mut to, &frame, shared, &mut unlimited).await?;
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    asked: &Asked,
) -> io::Result<()> {
    let mut written = 0;
    loop {
        let frame = read_frame(&mut from).await?;
        if shared.faults.borrow().swallows {
            continue;
        }
        if shared.faults.borrow().is_cut {
            let lost_at = Instant::now();
            shared.until(|faults| !faults.is_cut).await;
            tokio::time::sleep(lost_at.elapsed()).await;
        }
        until_audible(shared).await;
        let faults = shared.faults.borrow().clone();
        if let Some(key) = answered(&frame, asked) {
            if faults.cuts_instead_of_answer.contains(&key) {
                return Ok(());
            }
            if faults.drops.contains(&key) {
                continue;
            }
            if let Some(&delay) = faults.delays.get(&key) {
                tokio::time::sleep(delay).await;
            }
        }
        let mut left = faults
            .cut_after_bytes
            .map_or(usize::MAX, |limit| limit.saturating_sub(written));
        write(&mut to, &frame, shared, &mut left).await?;
        if left == 0 {
            return Ok(());
        }
        written += frame.len();
    }
}

/// The API of the request that a frame answers.
fn answered(frame: &[u8], asked: &Asked) -> Option<ApiKey> {
    let id = frame.get(4..8)?.first_chunk()?;
    let api_key = lock(asked).remove(id)?;
    ApiKey::try_from(api_key).ok()
}

/// A frame with its length in front.
async fn read_frame(from: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let length = usize::try_from(from.read_i32().await?)
        .ok()
        .filter(|&length| length <= FRAME_BYTES_MAX)
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut frame = vec![0; 4 + length];
    let (prefix, body) = frame.split_at_mut(4);
    // Not larger than 2^31, it was an i32.
    prefix.copy_from_slice(&(length as u32).to_be_bytes());
    from.read_exact(body).await?;
    Ok(frame)
}

async fn until_audible(shared: &Shared) {
    shared.until(|faults| !faults.is_silent).await;
}

/// Write as much of `bytes` as may be (`left`), in the pieces and at the speed that are asked for.
async fn write(
    to: &mut OwnedWriteHalf,
    bytes: &[u8],
    shared: &Shared,
    left: &mut usize,
) -> io::Result<()> {
    let mut rest = bytes.get(..*left).unwrap_or(bytes);
    *left -= rest.len().min(*left);
    while !rest.is_empty() {
        let Faults {
            piece_bytes,
            bytes_per_second,
            ..
        } = *shared.faults.borrow();
        let per_tick = bytes_per_second.map(|speed| (speed / 100).max(1) as usize);
        let most = piece_bytes.unwrap_or(usize::MAX);
        let most = most.min(per_tick.unwrap_or(usize::MAX)).max(1);
        let (piece, behind) = rest.split_at(most.min(rest.len()));
        to.write_all(piece).await?;
        to.flush().await?;
        rest = behind;
        if per_tick.is_some() {
            tokio::time::sleep(TICK).await;
        } else if piece_bytes.is_some() {
            // Lets the other side see the piece alone.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

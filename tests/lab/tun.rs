//! A link between two namespaces that takes its time and loses packets: two tun devices, and threads of ours between.
//! The kernel's own emulator of such links is not to be had everywhere.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::fd::{AsFd, AsRawFd},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::netns::Namespace;

/// The device's name in both namespaces.
const NAME: &str = "wan0";

/// More than any packet of the device.
const LARGEST: usize = 2048;

/// How the link treats packets.
#[derive(Debug, Clone, Copy)]
pub struct Quality {
    /// From one end to the other and back.
    pub round_trip: Duration,
    /// Of a thousand packets, how many are lost.
    pub lost_per_mille: u32,
    /// Which ones: the same seed loses the same places in the sequence of packets.
    pub seed: u64,
    /// What it carries each way; packets wait for their turn in a queue that is never full.
    pub bits_per_second: Option<u64>,
}

impl Quality {
    /// A link that is merely long.
    pub fn long(round_trip: Duration) -> Self {
        Self { round_trip, lost_per_mille: 0, seed: 0, bits_per_second: None }
    }
}

/// The running link; it goes when dropped.
#[derive(Debug)]
pub struct Link {
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Link {
    /// Joins two namespaces, each with its address.
    pub fn join(near: (&Namespace, &str), far: (&Namespace, &str), quality: Quality) -> io::Result<Self> {
        let open = |(namespace, address): (&Namespace, &str), peer: &str| {
            let device = namespace.run(open_tun)??;
            // Its own announcements would change the sequence of packets.
            let _ = namespace.sysctl(&format!("ipv6/conf/{NAME}/disable_ipv6"), "1");
            namespace.ip(&format!("addr add {address} peer {peer} dev {NAME}"))?;
            namespace.ip(&format!("link set {NAME} up"))?;
            namespace.ip(&format!("route add default dev {NAME}"))?;
            io::Result::Ok(device)
        };
        let (one, other) = (open(near, far.1)?, open(far, near.1)?);
        let ends = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for (direction, (from, to)) in [(&one, &other), (&other, &one)].into_iter().enumerate() {
            let (send, receive) = mpsc::channel();
            let (from, to, ends) = (from.try_clone()?, to.try_clone()?, ends.clone());
            let dice = Dice::new(quality.seed ^ ((direction as u64) << 63), quality.lost_per_mille);
            threads.push(thread::spawn(move || take_in(&from, &send, dice, quality, &ends)));
            threads.push(thread::spawn(move || give_out(&to, &receive)));
        }
        Ok(Self { ends, threads })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

type Waiting = (Instant, Vec<u8>);

fn take_in(mut device: &File, send: &mpsc::Sender<Waiting>, mut dice: Dice, quality: Quality, ends: &AtomicBool) {
    let mut packet = [0; LARGEST];
    let mut free = Instant::now();
    while !ends.load(Ordering::Relaxed) {
        let mut ready = [PollFd::new(device.as_fd(), PollFlags::POLLIN)];
        if !matches!(poll(&mut ready, PollTimeout::from(50u8)), Ok(1..)) {
            continue;
        }
        let Ok(length) = device.read(&mut packet) else { continue };
        let takes = quality.bits_per_second.map_or(0, |rate| length as u64 * 8 * 1_000_000 / rate.max(1));
        free = free.max(Instant::now()) + Duration::from_micros(takes);
        let due = free + quality.round_trip / 2;
        if !dice.loses() && send.send((due, packet[..length].to_vec())).is_err() {
            return;
        }
    }
}

fn give_out(mut device: &File, receive: &mpsc::Receiver<Waiting>) {
    // What comes later is due later, so they leave in the order in which they came.
    while let Ok((due, packet)) = receive.recv() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let _ = device.write(&packet);
    }
}

/// SplitMix64: small, even enough, the same everywhere.
#[derive(Debug)]
struct Dice {
    state: Mutex<u64>,
    lost_per_mille: u32,
}

impl Dice {
    fn new(seed: u64, lost_per_mille: u32) -> Self {
        Self { state: Mutex::new(seed), lost_per_mille }
    }

    fn loses(&mut self) -> bool {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        mixed % 1000 < u64::from(self.lost_per_mille)
    }
}

nix::ioctl_write_int!(tun_set_interface, b'T', 202);

/// `struct ifreq` as far as `TUNSETIFF` reads it.
#[repr(C)]
struct Request {
    name: [u8; 16],
    flags: u16,
    rest: [u8; 22],
}

/// A tun device of the namespace that the calling thread is in.
#[allow(unsafe_code)]
fn open_tun() -> io::Result<File> {
    const IFF_TUN: u16 = 0x0001;
    const IFF_NO_PI: u16 = 0x1000;
    let device = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
    let mut request = Request { name: [0; 16], flags: IFF_TUN | IFF_NO_PI, rest: [0; 22] };
    request.name[..NAME.len()].copy_from_slice(NAME.as_bytes());
    // SAFETY: the descriptor is open, and the request outlives the call that reads and writes its 40 bytes.
    unsafe { tun_set_interface(device.as_raw_fd(), std::ptr::from_mut(&mut request) as u64) }?;
    Ok(device)
}

//! `make bench-tree`: leaves a second and bytes a leaf, of Bulkhead's tree and of two published libraries over the
//! same leaves in the same run. Every side hashes the same 109 bytes a leaf with SHA-256. The libraries' nodes are
//! hashes without sums; with the processor's instructions both a node of 64 and one of 81 bytes are two blocks.
//!
//! `merkletree` (Filecoin's) is the fastest published one that we found, on as many threads as ours; `rs_merkle` is
//! the most used one and runs on one thread.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hash::Hasher as StdHasher,
    hint::black_box,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Instant,
};

use bulkhead_snapshot::{Position, Roots, RootsBuilder};
use merkletree::{
    hash::Algorithm,
    merkle::{FromIndexedParallelIterator, MerkleTree},
    store::VecStore,
};
use rayon::prelude::*;
use rs_merkle::Hasher;
use sha2::{Digest, Sha256};
use solana_address::Address;

const TAG: [u8; 32] = [0x5a; 32];
const ROUNDS: u32 = 3;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does all the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's block and layout.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `merkletree` hashes with.
#[derive(Clone, Default)]
struct Hash(Sha256);

impl StdHasher for Hash {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("merkletree takes `hash`")
    }
}

impl Algorithm<[u8; 32]> for Hash {
    fn hash(&mut self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}

fn image(index: usize, position: &Position) -> [u8; 109] {
    let mut image = [0; 109];
    image[1..33].copy_from_slice(&TAG);
    image[33..37].copy_from_slice(&(index as u32).to_le_bytes());
    image[37..69].copy_from_slice(position.key.as_array());
    image[69..101].copy_from_slice(position.owner.as_array());
    image[101..].copy_from_slice(&position.amount.to_le_bytes());
    image
}

/// Uniform keys, as addresses are.
fn positions(count: usize) -> Vec<Position> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes()
    };
    let mut address = || Address::new_from_array([word(), word(), word(), word()].concat().try_into().unwrap());
    (0..count)
        .map(|i| Position {
            key: address(),
            owner: address(),
            amount: i as u64 % 1_000 + 1,
        })
        .collect()
}

/// Seconds that all processors have worked for this process.
fn worked() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold anything: user and system time, in hundredths.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

/// Speed of the best of some rounds.
struct Figures {
    /// Million leaves a second, by the clock.
    clock: f64,
    /// Million leaves a second of processor time: what another program beside takes does not count.
    work: f64,
}

/// Prints and gives them. Memory is what was taken beyond what `prepare` left.
fn measure<I>(name: &str, leaves: usize, prepare: impl Fn() -> I, work: impl Fn(I)) -> Figures {
    let (mut clock, mut processor, mut bytes) = (f64::MAX, f64::MAX, 0);
    for _ in 0..ROUNDS {
        let input = prepare();
        let before = LIVE.load(Relaxed);
        PEAK.store(before, Relaxed);
        let (start, start_work) = (Instant::now(), worked());
        work(input);
        clock = clock.min(start.elapsed().as_secs_f64());
        processor = processor.min(worked() - start_work);
        bytes = PEAK.load(Relaxed) - before;
    }
    let million = leaves as f64 / 1e6;
    let (clock, work) = (million / clock, million / processor);
    let memory = bytes as f64 / leaves as f64;
    println!("{name:<52}{clock:>8.2} M/s {work:>8.2} M/s of one processor {memory:>8.1} B/leaf");
    Figures { clock, work }
}

fn main() {
    let count = std::env::args()
        .nth(1)
        .map_or(1 << 23, |count| count.parse().expect("a number of leaves"));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(2);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .unwrap();
    let unsorted = positions(count);
    let mut sorted = unsorted.clone();
    sorted.sort_unstable();
    println!(
        "{count} leaves, {threads} threads, SHA instructions: {}; memory beside the positions ({} B/leaf)",
        std::arch::is_x86_feature_detected!("sha"),
        size_of::<Position>()
    );

    let ours = |mut all: Vec<Position>, threads| drop(black_box(Roots::of(&TAG, &mut all, threads).unwrap()));
    let one = measure(
        "bulkhead, any order, 1 thread",
        count,
        || unsorted.clone(),
        |all| ours(all, 1),
    );
    let any = measure(
        "bulkhead, any order",
        count,
        || unsorted.clone(),
        |all| ours(all, threads),
    );
    let ascending = measure(
        "bulkhead, ascending",
        count,
        || sorted.clone(),
        |all| ours(all, threads),
    );
    measure(
        "bulkhead, ascending, streamed in batches, 1 thread",
        count,
        || (),
        |()| {
            let mut builder = RootsBuilder::new(TAG);
            sorted.chunks(65_536).for_each(|batch| builder.append(batch).unwrap());
            black_box(builder.finish().unwrap());
        },
    );

    // It takes powers of two only; the places without a leaf are zero bytes, as ours are.
    let places = count.next_power_of_two();
    let parallel = measure(
        "merkletree 0.23",
        count,
        || (),
        |()| {
            let leaf = |place| match unsorted.get(place) {
                Some(position) => Sha256::digest(image(place, position)).into(),
                None => [0; 32],
            };
            let leaves = (0..places).into_par_iter().map(leaf);
            let tree: MerkleTree<[u8; 32], Hash, VecStore<_>> = MerkleTree::from_par_iter(leaves).unwrap();
            black_box(tree.root());
        },
    );
    let serial = measure(
        "rs_merkle 1.5, 1 thread",
        count,
        || (),
        |()| {
            let hash = |(index, position)| rs_merkle::algorithms::Sha256::hash(&image(index, position));
            let leaves: Vec<_> = unsorted.iter().enumerate().map(hash).collect();
            black_box(rs_merkle::MerkleTree::<rs_merkle::algorithms::Sha256>::from_leaves(&leaves).root());
        },
    );
    let ratio = |name, ours: &Figures, theirs: &Figures| {
        let (clock, work) = (ours.clock / theirs.clock, ours.work / theirs.work);
        println!("ratio to {name:<43}{clock:>8.2}     {work:>8.2}");
    };
    ratio("merkletree, any order", &any, &parallel);
    ratio("merkletree, ascending", &ascending, &parallel);
    ratio("rs_merkle, any order, both on 1 thread", &one, &serial);
    ratio("rs_merkle, any order, 2 threads to its 1", &any, &serial);
}

//! What a page costs on this machine.

use std::time::Instant;

use bulkhead_prover::{
    Counted, Drawn, Error, Ledger, Options, Plan, ProvingKey, Role, Shape, State, Subject, prove_folder,
    set_up_insecurely, verify_folder,
};
use bulkhead_snapshot::{Position, Progress};
use serde::Serialize;

/// Figures of one machine and one moment.
#[derive(Serialize)]
pub struct Measured {
    pub circuit: Counted,
    pub threads: usize,
    pub jobs: usize,
    pub pages: usize,
    /// To put the circuit together, once a run.
    pub circuit_seconds: f64,
    pub set_up_seconds: f64,
    pub proving_key_bytes: u64,
    /// From one finished page to the next.
    pub page_seconds: f64,
    /// What the cores worked for it, whatever else they did meanwhile.
    pub page_core_seconds: f64,
    /// To find the values of a page: part of it.
    pub values_seconds: f64,
    pub verify_seconds: f64,
    /// Of the whole process while it proves, with the key in memory.
    pub most_memory_bytes: Option<u64>,
    pub million_pages: u64,
    pub million_seconds: f64,
    pub million_core_hours: f64,
}

pub fn measure(page_size: usize, pages: usize, jobs: usize, progress: &dyn Progress) -> Result<Measured, Error> {
    let begun = Instant::now();
    let shape = Shape::of(page_size)?;
    let circuit_seconds = begun.elapsed().as_secs_f64();
    progress.begin("make keys", None);
    let begun = Instant::now();
    let key = set_up_insecurely(&shape)?;
    let set_up_seconds = begun.elapsed().as_secs_f64();
    forget_most_memory();

    let leaves = (page_size * pages) as u64;
    let ledger = Ledger::new([1; 32], [2; 32], &positions(leaves))?;
    let plan = plan(&ledger, &key)?;
    let folder = std::env::temp_dir().join(format!("bulkhead-measure-{}", std::process::id()));
    let io = |error| Error::Io {
        file: folder.clone(),
        error,
    };
    let options = Options { jobs, at_most: None };
    let busy = core_seconds();
    let proved = prove_folder(&folder, (&plan, &ledger), (&key, &shape), options, progress);
    let busy = busy.zip(core_seconds()).map(|(before, after)| after - before);
    let begun = Instant::now();
    let verified = verify_folder(&folder, &key.verifying, progress);
    let verify_seconds = begun.elapsed().as_secs_f64() / pages as f64;
    std::fs::remove_dir_all(&folder).map_err(io)?;
    let (proved, _) = (proved?, verified?);

    let begun = Instant::now();
    let first = State::first(&ledger.tag, 0)?;
    shape.check(
        &plan.run(0),
        &first,
        ledger.shards[0].get(..page_size).unwrap_or_default(),
    )?;
    let values_seconds = begun.elapsed().as_secs_f64();
    let page_seconds = proved.seconds / proved.proved.max(1) as f64;
    let million_pages = 1_000_000_u64.div_ceil(page_size as u64);
    let million_seconds = page_seconds * million_pages as f64;
    let page_core_seconds = busy.map_or(page_seconds * proved.threads as f64, |busy| {
        busy / proved.proved.max(1) as f64
    });
    Ok(Measured {
        circuit: shape.count(),
        threads: proved.threads,
        jobs: proved.jobs,
        pages,
        circuit_seconds,
        set_up_seconds,
        proving_key_bytes: ProvingKey::file_len(&shape),
        page_seconds,
        page_core_seconds,
        values_seconds,
        verify_seconds,
        most_memory_bytes: most_memory(),
        million_pages,
        million_seconds,
        million_core_hours: page_core_seconds * million_pages as f64 / 3_600.0,
    })
}

/// Full pages of shard 0, with keys, owners and amounts that fill their bits.
fn positions(count: u64) -> Vec<Position> {
    let scatter = |number: u64| number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..count)
        .map(|number| {
            let (mut key, mut owner) = ([0; 32], [0; 32]);
            key[1..9].copy_from_slice(&(number << 20).to_be_bytes());
            for (at, part) in owner.chunks_mut(8).enumerate() {
                part.copy_from_slice(&scatter(number * 4 + at as u64).to_be_bytes());
            }
            key[16..].copy_from_slice(&owner[..16]);
            Position {
                key: key.into(),
                owner: owner.into(),
                amount: 1 + (scatter(number) >> 30),
            }
        })
        .collect()
}

fn plan(ledger: &Ledger, key: &ProvingKey) -> Result<Plan, Error> {
    let pool = ledger.total / 7 * 5 + 3;
    Ok(Plan {
        subject: Subject {
            program: ledger.program,
            domain: [3; 32],
            plan: [4; 32],
            tag: ledger.tag,
            role: Role::Chosen,
        },
        drawn: Drawn {
            chosen: ledger.commitment()?,
            successor: None,
            pool,
            total: ledger.total,
        },
        pool,
        total: ledger.total,
        page_size: key.verifying.page_size,
        key: key.verifying.id(),
        set_up: key.verifying.set_up,
    })
}

/// What the cores worked for this process, where the system says so, in its ticks of a hundredth of a second.
fn core_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name may have spaces; it ends with the last parenthesis.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = |field: usize| fields.split_whitespace().nth(field)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// The most memory counts from here, where the system can do that.
fn forget_most_memory() {
    // Elsewhere the set-up's memory is counted too, which is no less than what proving takes.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory this process had, where the system says so.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

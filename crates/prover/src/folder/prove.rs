//! Pages proved side by side, those that are there already left out.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use bulkhead_snapshot::Progress;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    Ledger,
    manifest::Plan,
    pages::{Page, Place},
};
use crate::{
    Error, Leaf, PageProof, ProvingKey, Run, SHARDS, SetUp, Shape, State,
    proof::{prove, verify},
};

/// How to prove.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Pages at once. Each takes memory for itself.
    pub jobs: usize,
    /// Stop after so many pages.
    pub at_most: Option<usize>,
}

/// What became of a folder.
#[derive(Clone, Debug, Serialize)]
pub struct Proved {
    /// Where the key comes from.
    pub set_up: SetUp,
    /// Pages of the ledger.
    pub pages: usize,
    /// Pages that were there and verified.
    pub resumed: usize,
    /// Pages proved now.
    pub proved: usize,
    /// Pages that are left.
    pub left: usize,
    /// Leaves of the ledger.
    pub leaves: u64,
    /// Seconds that the pages of this run took.
    pub seconds: f64,
    /// Pages at once, and threads in all.
    pub jobs: usize,
    /// Threads in all.
    pub threads: usize,
    /// Seconds that what is left will take at this speed, if any page was proved.
    pub seconds_left: Option<f64>,
}

struct Task<'a> {
    place: Place,
    run: Run,
    before: State,
    after: State,
    leaves: &'a [Leaf],
}

/// Proves a ledger's pages into a folder. The same call goes on with what an earlier one left.
///
/// # Errors
/// A named [`Error`]. Pages that were finished stay.
pub fn prove_folder(
    folder: &Path,
    (plan, ledger): (&Plan, &Ledger),
    (key, shape): (&ProvingKey, &Shape),
    options: Options,
    progress: &dyn Progress,
) -> Result<Proved, Error> {
    plan.check(&key.verifying)?;
    if plan.total != ledger.total {
        return Err(Error::ProofRefused("the total is not the ledger's".into()));
    }
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    if folder.join("run.json").exists() {
        if Plan::read(folder)? != *plan {
            return Err(Error::OtherRun(folder.into()));
        }
    } else {
        plan.write(folder)?;
    }

    progress.begin("follow the leaves", None);
    let states: Vec<_> = (0..SHARDS)
        .into_par_iter()
        .map(|shard| {
            let shard = u8::try_from(shard).unwrap_or(u8::MAX);
            ledger.states(&plan.run(shard), shard, plan.page_size)
        })
        .collect::<Result<_, Error>>()?;
    let tasks: Vec<_> = tasks(plan, ledger, &states);

    progress.begin("check pages", Some(tasks.len() as u64));
    let is_done = |task: &Task<'_>| {
        let found = Page::read(folder, task.place).is_ok_and(|page| {
            page.after == task.after
                && verify(&key.verifying, &task.run, &task.before, &task.after, &page.proof).is_ok()
        });
        progress.advance(1);
        found
    };
    let missing: Vec<_> = tasks.par_iter().filter(|task| !is_done(task)).collect();
    let now = missing.len().min(options.at_most.unwrap_or(usize::MAX));

    progress.begin("prove pages", Some(now as u64));
    let threads = rayon::current_num_threads();
    let jobs = options.jobs.clamp(1, threads);
    let begun = Instant::now();
    each(missing.get(..now).unwrap_or_default(), jobs, threads, |task| {
        let (after, proof) = prove(key, shape, &task.run, &task.before, task.leaves)?;
        Page { after, proof }.write(folder, task.place, plan.set_up)?;
        progress.advance(1);
        Ok(proof)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let left = missing.len() - now;
    Ok(Proved {
        set_up: plan.set_up,
        pages: tasks.len(),
        resumed: tasks.len() - missing.len(),
        proved: now,
        left,
        leaves: ledger.shards.iter().map(|leaves| leaves.len() as u64).sum(),
        seconds,
        jobs,
        threads,
        seconds_left: (now > 0).then(|| seconds / now as f64 * left as f64),
    })
}

fn tasks<'a>(plan: &Plan, ledger: &'a Ledger, states: &'a [Vec<State>]) -> Vec<Task<'a>> {
    let of_shard = |(shard, (leaves, states)): (u8, (&'a Vec<Leaf>, &'a Vec<State>))| {
        let run = plan.run(shard);
        let ends = states.iter().zip(states.iter().skip(1));
        leaves
            .chunks(plan.page_size)
            .zip(ends)
            .enumerate()
            .map(move |(page, (leaves, (before, after)))| Task {
                place: Place { shard, page },
                run,
                before: *before,
                after: *after,
                leaves,
            })
    };
    (0..).zip(ledger.shards.iter().zip(states)).flat_map(of_shard).collect()
}

/// Works on tasks in order, `jobs` at once, each with its part of the threads. Stops at the first error.
fn each<'a>(
    tasks: &[&Task<'a>],
    jobs: usize,
    threads: usize,
    work: impl Fn(&Task<'a>) -> Result<PageProof, Error> + Sync,
) -> Result<(), Error> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    let worker = |threads: usize| {
        let pool = match rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build() {
            Ok(pool) => pool,
            Err(error) => return keep(&failed, Error::Synthesis(error.to_string())),
        };
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = pool.install(|| work(task)) {
                next.store(tasks.len(), Ordering::Relaxed);
                return keep(&failed, error);
            }
        }
    };
    thread::scope(|scope| {
        for job in 0..jobs {
            // What does not divide goes to the first.
            let own = threads / jobs + usize::from(job < threads % jobs);
            let worker = &worker;
            scope.spawn(move || worker(own));
        }
    });
    match failed.into_inner() {
        Ok(Some(error)) => Err(error),
        _ => Ok(()),
    }
}

fn keep(failed: &Mutex<Option<Error>>, error: Error) {
    if let Ok(mut failed) = failed.lock() {
        failed.get_or_insert(error);
    }
}

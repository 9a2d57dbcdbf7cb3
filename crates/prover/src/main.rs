//! `bulkhead-prover`: keys, pages, checks.
#![deny(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod measure;
mod screen;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use bulkhead_prover::{
    Drawn, Error, Ledger, Options, Plan, ProvingKey, Role, SetUp, Shape, Subject, VerifyingKey, compare, prove_folder,
    set_up_insecurely, verify_folder,
};
use bulkhead_snapshot::{Position, Snapshot};
use clap::{Parser, Subcommand, ValueEnum};
use screen::{Screen, print};

/// Proofs that a plan pays what it should, and that a successor's ledger is what the plan owes.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// How results are printed.
    #[arg(long, value_enum, global = true, default_value_t = Output::Text)]
    output: Output,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Text,
    /// One JSON value.
    Json,
}

#[derive(Subcommand)]
enum Verb {
    /// Makes a proving and a verifying key.
    Setup {
        /// Leaves of a page.
        #[arg(long, default_value_t = 256)]
        page_size: usize,
        /// Folder for `page-N.proving-key` and `page-N.verifying-key.json`.
        #[arg(long)]
        out: PathBuf,
        /// Keys of one party, who can then prove anything. For drills; marked in the key and in all that is made with it.
        #[arg(long)]
        insecure: bool,
    },
    /// Proves the pages of a snapshot into a folder; the same command goes on with what an earlier one left.
    Prove {
        /// Folder of the snapshot.
        #[arg(long)]
        snapshot: PathBuf,
        /// Which ledger that is.
        #[arg(long, value_enum, default_value_t = Part::Chosen)]
        part: Part,
        /// Folder of the other ledger's snapshot: the challenge is drawn from both.
        #[arg(long)]
        other: Option<PathBuf>,
        /// The proving key.
        #[arg(long)]
        key: PathBuf,
        /// The domain, in Base58.
        #[arg(long)]
        domain: String,
        /// Address of the restoration, in Base58.
        #[arg(long)]
        plan: String,
        /// What is paid out to the chosen state, in native units.
        #[arg(long)]
        pool: u64,
        /// Folder for the pages.
        #[arg(long)]
        out: PathBuf,
        /// Pages at once. Each takes memory for itself.
        #[arg(long, default_value_t = 1)]
        jobs: usize,
        /// Stop after so many pages.
        #[arg(long)]
        at_most: Option<usize>,
        /// Accept a key of one party.
        #[arg(long)]
        allow_insecure: bool,
    },
    /// Checks a folder of pages with the verifying key alone.
    Verify {
        /// The folder.
        folder: PathBuf,
        /// The verifying key.
        #[arg(long)]
        key: PathBuf,
        /// Accept a key of one party.
        #[arg(long)]
        allow_insecure: bool,
    },
    /// Checks two folders, and that the successor owes exactly what the chosen state is paid, to the same owners.
    Compare {
        /// Folder of the chosen state.
        chosen: PathBuf,
        /// Folder of its successor.
        successor: PathBuf,
        /// The verifying key.
        #[arg(long)]
        key: PathBuf,
        /// Accept a key of one party.
        #[arg(long)]
        allow_insecure: bool,
    },
    /// Counts the rows of a page.
    Count {
        /// Leaves of a page.
        #[arg(long, default_value_t = 256)]
        page_size: usize,
    },
    /// Makes keys and proofs of full pages and says what they cost on this machine.
    Measure {
        /// Leaves of a page.
        #[arg(long, default_value_t = 256)]
        page_size: usize,
        /// Pages to prove.
        #[arg(long, default_value_t = 3)]
        pages: usize,
        /// Pages at once.
        #[arg(long, default_value_t = 1)]
        jobs: usize,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The chosen state, paid under the plan.
    Chosen,
    /// The ledger that the repaired host starts with.
    Successor,
}

fn main() -> ExitCode {
    let Arguments { output, verb } = Arguments::parse();
    match run(output, verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(output: Output, verb: Verb) -> Result<(), Error> {
    let screen = Screen::new();
    match verb {
        Verb::Setup {
            page_size,
            out,
            insecure,
        } => setup(output, page_size, &out, insecure),
        Verb::Prove {
            snapshot,
            part,
            other,
            key,
            domain,
            plan,
            pool,
            out,
            jobs,
            at_most,
            allow_insecure,
        } => {
            let shape = Shape::of(ProvingKey::page_size_of(&key)?)?;
            let key = ProvingKey::read(&key, &shape)?;
            allow(&key.verifying, allow_insecure)?;
            let ledger = ledger(&snapshot, &screen)?;
            let other = other.map(|folder| self::ledger(&folder, &screen)).transpose()?;
            let (domain, address) = (address(&domain)?, address(&plan)?);
            let plan = plan_of(&ledger, part, other.as_ref(), pool, (domain, address), &key.verifying)?;
            let options = Options { jobs, at_most };
            let proved = prove_folder(&out, (&plan, &ledger), (&key, &shape), options, &screen)?;
            screen.clear();
            print(output, &proved, || screen::proved(&proved))
        }
        Verb::Verify {
            folder,
            key,
            allow_insecure,
        } => {
            let key = VerifyingKey::read(&key)?;
            allow(&key, allow_insecure)?;
            let (_, verified) = verify_folder(&folder, &key, &screen)?;
            screen.clear();
            print(output, &verified, || screen::verified(&verified))
        }
        Verb::Compare {
            chosen,
            successor,
            key,
            allow_insecure,
        } => {
            let key = VerifyingKey::read(&key)?;
            allow(&key, allow_insecure)?;
            let compared = compare(&chosen, &successor, &key, &screen)?;
            screen.clear();
            print(output, &compared, || screen::compared(&compared))
        }
        Verb::Count { page_size } => {
            let counted = Shape::of(page_size)?.count();
            print(output, &counted, || screen::counted(&counted))
        }
        Verb::Measure { page_size, pages, jobs } => {
            let measured = measure::measure(page_size, pages, jobs, &screen)?;
            screen.clear();
            print(output, &measured, || screen::measured(&measured))
        }
    }
}

fn setup(output: Output, page_size: usize, out: &Path, insecure: bool) -> Result<(), Error> {
    if !insecure {
        return Err(Error::NoCeremony);
    }
    let shape = Shape::of(page_size)?;
    let key = set_up_insecurely(&shape)?;
    let io = |error| Error::Io {
        file: out.into(),
        error,
    };
    std::fs::create_dir_all(out).map_err(io)?;
    key.write(&out.join(format!("page-{page_size}.proving-key")))?;
    key.verifying
        .write(&out.join(format!("page-{page_size}.verifying-key.json")))?;
    let made = screen::Made::new(&key.verifying, &shape);
    print(output, &made, || made.text())
}

/// Keys of one party are used by who asks for them.
fn allow(key: &VerifyingKey, allow_insecure: bool) -> Result<(), Error> {
    match key.set_up {
        SetUp::Insecure if !allow_insecure => Err(Error::InsecureKey),
        SetUp::Insecure => Ok(()),
    }
}

fn ledger(folder: &Path, screen: &Screen) -> Result<Ledger, Error> {
    Ledger::of_snapshot(&Snapshot::open(folder, screen)?)
}

/// An address of 32 bytes.
fn address(text: &str) -> Result<[u8; 32], Error> {
    let key = |_| Error::NotCanonical("an address is not Base58 of 32 bytes");
    let position = Position {
        key: text.parse().map_err(key)?,
        owner: [0; 32].into(),
        amount: 0,
    };
    Ok(position.key.to_bytes())
}

fn plan_of(
    ledger: &Ledger,
    part: Part,
    other: Option<&Ledger>,
    pool: u64,
    (domain, plan): ([u8; 32], [u8; 32]),
    key: &VerifyingKey,
) -> Result<Plan, Error> {
    let (role, chosen, successor) = match (part, other) {
        (Part::Chosen, other) => (Role::Chosen, ledger, other),
        (Part::Successor, Some(chosen)) => (Role::Successor, chosen, Some(ledger)),
        (Part::Successor, None) => {
            return Err(Error::ProofRefused(
                "a successor is proved with `--other`, the chosen state".into(),
            ));
        }
    };
    let drawn = Drawn {
        chosen: chosen.commitment()?,
        successor: successor.map(Ledger::commitment).transpose()?,
        pool,
        total: chosen.total,
    };
    Ok(Plan {
        subject: Subject {
            program: ledger.program,
            domain,
            plan,
            tag: ledger.tag,
            role,
        },
        drawn,
        pool: if role == Role::Chosen { pool } else { ledger.total },
        total: ledger.total,
        page_size: key.page_size,
        key: key.id(),
        set_up: key.set_up,
    })
}

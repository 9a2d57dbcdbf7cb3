//! The command from outside: what a newcomer, a script and a killed process see.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::{fs, net::TcpStream, path::Path};

use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{latch_state, phase},
    layout::{
        AuthorityWatch, CheckpointLog, Council, Domain, Ledger, OutflowBreaker, PriceBreaker, SolvencyBreaker, Vault,
    },
};
use bulkhead_localnet::{manifest::KeyFile, rpc::Rpc, sample::cast::Cast};
use common::{Localnet, free_port, programs, refusal, text};
use example_exchange::state::{Exchange, MarginAccount};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Reads a key file as Solana's tools do.
fn key(file: &str) -> Keypair {
    let bytes: Vec<u8> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    Keypair::try_from(bytes.as_slice()).unwrap()
}

fn assert_key(file: &KeyFile) {
    assert_eq!(key(&file.file).pubkey(), file.key.0);
}

/// What the exchange owes, what its positions add up to, and what its vault holds.
async fn books(rpc: &Rpc, cast: &Cast, count: u32) -> (u64, u64, u64) {
    let exchange: Exchange = rpc.load(&cast.exchange.key).await.unwrap().unwrap();
    let mut positions = 0;
    for number in 0..count {
        let position = cast.exchange.margin(&cast.owner(number).pubkey());
        positions += rpc.load::<MarginAccount>(&position).await.unwrap().unwrap().deposit;
    }
    let custody = rpc.balance(&cast.exchange.tokens).await.unwrap();
    (exchange.total_deposits, positions, custody)
}

#[tokio::test]
async fn the_sample_is_what_the_manifest_says() {
    let dir = tempfile::tempdir().unwrap();
    let localnet = Localnet::start(dir.path(), &["--positions", "7", "--load", "0"]);
    let (rpc, manifest, cast) = (localnet.rpc(), localnet.manifest(), localnet.cast());

    let domain: Domain = rpc.load(&manifest.domain.0).await.unwrap().unwrap();
    assert_eq!(domain.state, phase::OPERATING);
    let council: Council = rpc.load(&manifest.council.0).await.unwrap().unwrap();
    assert_eq!(usize::from(council.member_count), manifest.members.len());
    for (member, found) in manifest.members.iter().zip(&council.members) {
        assert_eq!(key(&member.file).pubkey(), member.key.0);
        assert_eq!(found.key, member.key.0);
    }
    for vault in &manifest.vaults {
        let breaker: OutflowBreaker = rpc.load(&vault.breaker.0).await.unwrap().unwrap();
        assert_eq!(breaker.limit, manifest.limits.limit);
        let found: Vault = rpc.load(&vault.key.0).await.unwrap().unwrap();
        assert_eq!(found.route, vault.route.0);
    }
    for ledger in &manifest.ledgers {
        assert!(rpc.load::<Ledger>(&ledger.key.0).await.unwrap().is_some());
        assert!(
            rpc.load::<CheckpointLog>(&ledger.checkpoint_log.0)
                .await
                .unwrap()
                .is_some()
        );
    }
    assert!(
        rpc.load::<PriceBreaker>(&manifest.detectors.price.0)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        rpc.load::<SolvencyBreaker>(&manifest.detectors.solvency.0)
            .await
            .unwrap()
            .is_some()
    );
    for voter in &manifest.voters {
        assert_eq!(key(&voter.file).pubkey(), voter.key.0);
        assert_eq!(rpc.balance(&voter.tokens.0).await.unwrap(), voter.amount);
    }
    let keys = [
        &manifest.attacker,
        &manifest.payer,
        &manifest.default_signer,
        &manifest.exchange.admin,
    ];
    keys.into_iter().for_each(assert_key);

    let total = manifest.positions.total;
    assert_eq!(books(&rpc, &cast, 7).await, (total, total, total));
    TcpStream::connect(("127.0.0.1", localnet.ports.1)).unwrap();
    let config = fs::read_to_string(localnet.place().config()).unwrap();
    assert!(config.contains(&format!("json_rpc_url: \"{}\"", manifest.url)));
    assert!(config.contains(&manifest.default_signer.file));
    assert!(config.contains(&format!("bulkhead_domain: \"{}\"", manifest.domain)));
}

#[tokio::test]
async fn the_breaker_stops_the_thief_and_the_clock_ends_the_latch() {
    let dir = tempfile::tempdir().unwrap();
    let localnet = Localnet::start(dir.path(), &["--positions", "20", "--load", "0", "--slot-time", "100"]);
    let (rpc, manifest, cast) = (localnet.rpc(), localnet.manifest(), localnet.cast());
    let attacker_tokens = cast.tokens_of(&manifest.attacker.key.0);
    let breaker = manifest.vaults[0].breaker.0;

    let said = text(dir.path(), &["attack"]);
    assert!(
        said.contains("queued, nothing moved") && said.contains("latched since slot"),
        "{said}"
    );
    let taken = rpc.balance(&attacker_tokens).await.unwrap();
    assert!(taken > 0 && taken <= manifest.limits.limit);
    let latch = rpc.load::<OutflowBreaker>(&breaker).await.unwrap().unwrap().latch;
    assert_eq!(latch.state, latch_state::LATCHED);
    assert!(latch.until > rpc.clock().await.unwrap().unix_timestamp);

    // Again: nothing is paid, and it ends at once.
    let said = text(dir.path(), &["attack", "--kind", "grab"]);
    assert!(
        said.contains("taken: $0.00") && said.contains("latched since slot"),
        "{said}"
    );
    assert_eq!(rpc.balance(&attacker_tokens).await.unwrap(), taken);

    let before = rpc.clock().await.unwrap();
    let seconds = latch.until - before.unix_timestamp;
    let said = text(dir.path(), &["warp", "--seconds", &seconds.to_string()]);
    assert!(said.contains("slots and"), "{said}");
    let after = rpc.clock().await.unwrap();
    assert!(after.unix_timestamp >= latch.until);
    assert!(after.slot - before.slot >= seconds.unsigned_abs() * 10);
    let said = text(dir.path(), &["warp", "--slots", "1000"]);
    assert!(rpc.clock().await.unwrap().slot >= after.slot + 1_000, "{said}");

    // A stolen admin key can name its successor, and the thief goes on with that one. The watch sees it.
    let watch = manifest.detectors.authority.0;
    let look = || ix::observe_authority(manifest.domain.0, watch, cast.exchange.key);
    rpc.send(&[look()], &[]).await.unwrap();
    let watched = async || rpc.load::<AuthorityWatch>(&watch).await.unwrap().unwrap().latch.state;
    assert_eq!(watched().await, latch_state::ARMED);
    text(dir.path(), &["attack", "--kind", "takeover"]);
    let exchange: Exchange = rpc.load(&cast.exchange.key).await.unwrap().unwrap();
    assert_eq!(exchange.admin, manifest.accomplice.key.0);
    // The same transaction is another one only with another blockhash.
    let slot = rpc.clock().await.unwrap().slot;
    while rpc.clock().await.unwrap().slot < slot + 2 {}
    rpc.send(&[look()], &[]).await.unwrap();
    assert_eq!(watched().await, latch_state::LATCHED);
}

#[tokio::test]
async fn a_restart_goes_on_from_there() {
    let dir = tempfile::tempdir().unwrap();
    let localnet = Localnet::start(dir.path(), &["--positions", "5", "--load", "0"]);
    let first = localnet.manifest();
    text(dir.path(), &["warp", "--seconds", "172800"]);
    let (before, tokens) = {
        let rpc = localnet.rpc();
        (
            rpc.clock().await.unwrap(),
            rpc.owned(&anchor_spl::token::ID).await.unwrap(),
        )
    };
    let history = localnet.rpc().signatures(&first.domain.0).await.unwrap();
    assert!(!history.is_empty());
    localnet.stop();

    // Without a word about positions: they are there.
    let localnet = Localnet::start(dir.path(), &["--load", "0"]);
    let (rpc, second, cast) = (localnet.rpc(), localnet.manifest(), localnet.cast());
    assert_eq!(
        (first.domain, first.positions.count),
        (second.domain, second.positions.count)
    );
    assert_eq!(second.url, format!("http://127.0.0.1:{}", localnet.ports.0));
    let after = rpc.clock().await.unwrap();
    assert!(after.slot > before.slot && after.unix_timestamp >= before.unix_timestamp);
    let total = second.positions.total;
    assert_eq!(books(&rpc, &cast, 5).await, (total, total, total));
    assert_eq!(rpc.signatures(&first.domain.0).await.unwrap(), history);
    assert_eq!(rpc.owned(&anchor_spl::token::ID).await.unwrap(), tokens);
    // It still takes transactions.
    let said = text(dir.path(), &["attack"]);
    assert!(said.contains("latched since slot"), "{said}");
}

#[tokio::test]
async fn a_kill_leaves_no_half_transaction() {
    const OWNERS: u32 = 6;
    let dir = tempfile::tempdir().unwrap();
    Localnet::start(dir.path(), &["--positions", "6", "--load", "0"]).stop();
    let mut moved = 0;
    for round in 0..4_u64 {
        let localnet = Localnet::start(dir.path(), &["--load", "0"]);
        let (rpc, cast) = (localnet.rpc(), localnet.cast());
        let before = books(&rpc, &cast, OWNERS).await;
        assert_eq!((before.0, before.0), (before.1, before.2), "round {round}");
        let busy = tokio::spawn(async move {
            let mut sent = 0;
            for number in 0.. {
                let owner = cast.owner(number % OWNERS);
                let (key, tokens) = (owner.pubkey(), cast.tokens_of(&owner.pubkey()));
                let amount = 1_000 + u64::from(number);
                let step = if number % 2 == 0 {
                    cast.exchange.deposit(key, tokens, amount)
                } else {
                    cast.exchange
                        .withdraw(key, tokens, amount, round * 1_000_000 + u64::from(number))
                };
                if rpc.send(&[step], &[&owner]).await.is_err() {
                    break;
                }
                sent += 1;
            }
            sent
        });
        // Somewhere in the middle of the transactions, another place in each round.
        let looks = localnet.rpc();
        for _ in 0..20 + 13 * round {
            looks.clock().await.unwrap();
        }
        localnet.kill();
        moved += busy.await.unwrap();
    }
    assert!(moved > 0);
    let localnet = Localnet::start(dir.path(), &["--load", "0"]);
    let (total, positions, custody) = books(&localnet.rpc(), &localnet.cast(), OWNERS).await;
    assert_eq!((total, total), (positions, custody));
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let programs = programs().display().to_string();
    let run = |dir: &Path, ports: (u16, u16), programs: &str| {
        let (rpc, ws) = (ports.0.to_string(), ports.1.to_string());
        refusal(
            dir,
            &["run", "--rpc-port", &rpc, "--ws-port", &ws, "--programs", programs],
        )
    };
    for verb in [&["attack"][..], &["warp", "--seconds", "1"]] {
        let said = refusal(dir.path(), verb);
        assert!(said.contains("NoLocalnet") && said.contains("make localnet"), "{said}");
    }
    let said = run(dir.path(), (free_port(), free_port()), "no/such/folder");
    assert!(said.contains("ProgramMissing") && said.contains("make build"), "{said}");
    let port = free_port();
    let said = run(dir.path(), (port, port), &programs);
    assert!(said.contains("NotPossible"), "{said}");

    let localnet = Localnet::start(dir.path(), &["--positions", "2", "--load", "0"]);
    let said = run(dir.path(), (free_port(), free_port()), &programs);
    assert!(
        said.contains("AlreadyRunning") && said.contains(&localnet.pid().to_string()),
        "{said}"
    );
    let other = tempfile::tempdir().unwrap();
    let said = run(other.path(), (localnet.ports.0, free_port()), &programs);
    assert!(said.contains("PortInUse") && said.contains("--rpc-port"), "{said}");
    let said = run(other.path(), (free_port(), localnet.ports.1), &programs);
    assert!(said.contains("PortInUse") && said.contains("--ws-port"), "{said}");

    localnet.stop();
    for verb in [&["attack"][..], &["warp", "--slots", "1"]] {
        let said = refusal(dir.path(), verb);
        assert!(said.contains("NotRunning") && said.contains("make localnet"), "{said}");
    }
    fs::write(dir.path().join("state.sqlite"), "not a database").unwrap();
    let said = run(dir.path(), (free_port(), free_port()), &programs);
    assert!(said.contains("StateUnreadable") && said.contains("--reset"), "{said}");
}

#[test]
fn a_program_that_changed_is_loaded_again() {
    let (dir, changed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["bulkhead.so", "example_exchange.so"] {
        fs::copy(programs().join(name), changed.path().join(name)).unwrap();
    }
    // Another program, shorter than the first.
    fs::copy(
        programs().join("bulkhead_impostor.so"),
        changed.path().join("example_vault.so"),
    )
    .unwrap();
    Localnet::start(dir.path(), &["--positions", "2", "--load", "0"]).stop();
    let loaded = |mut localnet: Localnet| {
        let lines = localnet.wait_for("stop it with Ctrl-C");
        localnet.stop();
        lines
            .into_iter()
            .filter(|line| line.starts_with("loaded"))
            .collect::<Vec<_>>()
    };
    let changed = ["--load", "0", "--programs", changed.path().to_str().unwrap()];
    let start = |more: &[&str]| loaded(Localnet::begin(dir.path(), more));
    assert_eq!(start(&changed), ["loaded example_vault.so"]);
    assert!(start(&changed).is_empty());
    assert_eq!(start(&["--load", "0"]), ["loaded example_vault.so"]);
    assert!(start(&["--load", "0"]).is_empty());
}

#[test]
fn a_set_up_that_was_killed_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut localnet = Localnet::begin(dir.path(), &["--positions", "60", "--load", "0"]);
    localnet.wait_for("the domain");
    localnet.kill();
    let mut localnet = Localnet::begin(dir.path(), &["--positions", "3", "--load", "0"]);
    localnet.wait_for("starting over");
    localnet.wait_for("stop it with Ctrl-C");
    assert_eq!(localnet.manifest().positions.count, 3);
    // And so does one that is asked to.
    localnet.stop();
    let localnet = Localnet::start(dir.path(), &["--reset", "--positions", "2", "--load", "0"]);
    assert_eq!(localnet.manifest().positions.count, 2);
}

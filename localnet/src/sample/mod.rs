//! The sample: a domain with a protected exchange, set up by real transactions.

pub mod cast;
mod describe;
pub(crate) mod detectors;
mod more_ledgers;
pub mod positions;
pub(crate) mod tokens;

use bulkhead::instructions::OpenCheckpointLogArgs;
use bulkhead_client::{chain::ChainError, instructions as ix};
use bulkhead_interface::constants::{MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS};
use bulkhead_testbed::associated_token;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use self::cast::{Cast, route};
use crate::{
    error::LocalnetError,
    keys::{ACCOMPLICE, FALLBACK, ISSUER, UPGRADE},
    manifest::Manifest,
    node::Node,
    place::Place,
    rpc::Rpc,
};

pub use describe::describe;

/// Number of the margin accounts' ledger.
pub const LEDGER: u8 = 0;
/// Lamports of a key that pays for itself.
const LAMPORTS: u64 = 100_000_000_000;
/// Lamports of the key that pays for the set-up and the load.
const PAYER_LAMPORTS: u64 = 100_000_000_000_000;
/// First price of the collateral, in millionths of a dollar.
pub const PRICE: u64 = 150_000_000;

/// Sets up what `manifest` describes, and writes the manifest. `progress` gets what is being done, how far it was, how
/// far it is, and how far it goes; zeroes for what is not counted.
///
/// # Errors
/// [`LocalnetError`]
pub async fn set_up(
    place: &Place,
    node: &Node,
    rpc: &Rpc,
    cast: &mut Cast,
    manifest: &Manifest,
    progress: &(impl Fn(&str, u64, u64, u64) + Sync),
) -> Result<(), LocalnetError> {
    let positions = manifest.positions.count;
    progress("accounts and tokens", 0, 0, 0);
    step("fund the keys", fund(rpc, cast).await)?;
    step("create the tokens", create_tokens(rpc, cast).await)?;
    progress("the domain", 0, 0, 0);
    let (collateral, publisher) = (cast.collateral(), cast.publisher().pubkey());
    let oracle = cast
        .exchange
        .open_oracle(rpc.payer.pubkey(), collateral, publisher, PRICE);
    let cast = &*cast;
    let further: Vec<u8> = manifest
        .ledgers
        .iter()
        .map(|ledger| ledger.index)
        .filter(|index| *index != LEDGER)
        .collect();
    open_domain(node, rpc, cast, oracle, (&further, positions)).await?;
    let all = u64::from(positions);
    let count = &|before: u64, done: u64| progress("positions", before, done, all);
    step("deposit", positions::deposit_all(rpc, cast, positions, count).await)?;
    positions::write_rest(node, rpc, cast, positions, count).await?;
    for index in &further {
        progress(&format!("positions of ledger {index}"), 0, 0, 0);
        more_ledgers::write(node, rpc, cast, *index, positions, count).await?;
    }
    // Last: without it, the next start begins anew.
    manifest.write(place)
}

fn step<T>(step: &str, result: Result<T, ChainError>) -> Result<T, LocalnetError> {
    result.map_err(|source| LocalnetError::SetUp {
        step: step.into(),
        source,
    })
}

async fn fund(rpc: &Rpc, cast: &Cast) -> Result<(), ChainError> {
    rpc.airdrop(&rpc.payer.pubkey(), PAYER_LAMPORTS).await?;
    let mut keys: Vec<_> = [ISSUER, FALLBACK, UPGRADE, ACCOMPLICE]
        .map(|name| cast.keys.key(name))
        .into();
    keys.extend(cast.keys.members());
    keys.extend(cast.voters().into_iter().map(|(voter, _)| voter));
    keys.extend([
        cast.publisher(),
        cast.exchange.admin.insecure_clone(),
        cast.plan_authority(),
    ]);
    for key in keys {
        rpc.airdrop(&key.pubkey(), LAMPORTS).await?;
    }
    Ok(())
}

async fn create_tokens(rpc: &Rpc, cast: &Cast) -> Result<(), ChainError> {
    let (payer, issuer) = (rpc.payer.pubkey(), cast.issuer());
    for mint in ["quote-mint", "governance-mint", "collateral-mint"] {
        tokens::create_mint(rpc, &cast.keys.key(mint), &issuer.pubkey()).await?;
    }
    let governance = cast.plan().governance_mint;
    let mut steps = Vec::new();
    for (voter, amount) in cast.voters() {
        let voter = voter.pubkey();
        let account = associated_token(&voter, &governance);
        steps.push(tokens::create_associated(&payer, &voter, &governance));
        steps.push(tokens::mint_to(&governance, &account, &issuer.pubkey(), amount)?);
    }
    rpc.send(&steps, &[&issuer]).await?;
    for compartment in [0, 1] {
        let account = cast.keys.key(&route(compartment));
        tokens::create_account_at(rpc, &account, &cast.exchange.mint, &cast.domain()).await?;
    }
    Ok(())
}

async fn open_domain(
    node: &Node,
    rpc: &Rpc,
    cast: &Cast,
    oracle: Instruction,
    (further, positions): (&[u8], u32),
) -> Result<(), LocalnetError> {
    let (plan, exchange, payer) = (cast.plan(), &cast.exchange, rpc.payer.pubkey());
    let (setup, admin) = (cast.plan_authority(), exchange.admin.pubkey());
    let send = async |what: &str, instruction: Instruction, signers: &[&Keypair]| {
        step(what, rpc.send(&[instruction], signers).await)
    };
    for (number, opening) in plan.opening().into_iter().enumerate() {
        send(&format!("open the domain, part {number}"), opening, &[&setup]).await?;
    }
    let initialize = exchange.initialize(&cast.setup, plan.vaults().map(Some));
    send("initialize the exchange", initialize, &[&exchange.admin]).await?;
    let collateral = cast.collateral();
    let list = exchange.list_collateral(admin, payer, collateral, PRICE);
    send("list a collateral", list, &[&exchange.admin]).await?;
    send("open an oracle", oracle, &[&exchange.admin]).await?;

    let authority = plan.authority();
    let ledger = ix::register_ledger(authority, payer, exchange.ledger_args(), &[]);
    send("register the ledger", ledger, &[&setup]).await?;
    for index in further {
        more_ledgers::register(node, rpc, cast, *index, positions).await?;
    }
    if let Some(last) = further.last() {
        step(
            "fund the treasury",
            more_ledgers::fund_treasury(rpc, cast, *last, positions).await,
        )?;
    }
    let log = OpenCheckpointLogArgs {
        ledger_index: LEDGER,
        threshold: 2,
        min_interval_slots: MIN_CHECKPOINT_INTERVAL,
        keep_seconds: MIN_KEEP_SECONDS,
        tolerance_bps: 100,
        published_only: false,
    };
    let log = ix::open_checkpoint_log(authority, payer, log);
    send("open the checkpoint log", log, &[&setup]).await?;
    for compartment in [0, 1] {
        let destination = cast.keys.key(&route(compartment)).pubkey();
        send("register a route", plan.route(compartment, destination), &[&setup]).await?;
    }
    for detector in detectors::open(cast) {
        send("open a detector", detector, &[&setup]).await?;
    }
    send("activate the domain", ix::activate_domain(setup.pubkey()), &[&setup]).await?;
    Ok(())
}

//! Writes the key files, and describes the sample for `localnet.json`.

use bulkhead_client::pda;
use bulkhead_interface::constants::NOMINATION_SECONDS;
use solana_signer::Signer;

use super::{
    LEDGER,
    cast::{Cast, DECIMALS, deposit, roles, route, total},
    detectors,
    positions::by_transaction,
};
use crate::{
    error::LocalnetError,
    keys::{ACCOMPLICE, ADMIN, ATTACKER, FALLBACK, ISSUER, PAYER, PUBLISHER, SETUP, UPGRADE, member, owner, voter},
    manifest::{
        Detectors, Exchange, KeyFile, Ledger, Manifest, Member, Mints, Owner, Positions, Programs, Timing, Vault, Voter,
    },
    place::Place,
};

/// Owners whose keys are written to files.
const OWNER_FILES: u32 = 10;

/// Writes the key files, and returns the manifest. The node's addresses are filled in at each start.
///
/// # Errors
/// [`LocalnetError::File`]
pub fn describe(place: &Place, cast: &Cast, positions: u32, ledgers: u8) -> Result<Manifest, LocalnetError> {
    let key_file = |name: &str| -> Result<KeyFile, LocalnetError> {
        Ok(KeyFile {
            key: cast.keys.key(name).pubkey().into(),
            file: cast.keys.save(place, name)?,
        })
    };
    let (domain, plan, council) = (cast.domain(), cast.plan(), cast.council());
    let members = council.members.iter().enumerate().map(|(number, config)| {
        Ok(Member {
            number,
            roles: roles(config.roles),
            key: config.key.into(),
            file: cast.keys.save(place, &member(number))?,
        })
    });
    let members: Vec<_> = members.collect::<Result<_, LocalnetError>>()?;
    let voters = cast.voters().into_iter().enumerate().map(|(number, (key, amount))| {
        Ok(Voter {
            key: key.pubkey().into(),
            file: cast.keys.save(place, &voter(number))?,
            tokens: bulkhead_testbed::associated_token(&key.pubkey(), &plan.governance_mint).into(),
            amount,
        })
    });
    let vaults = [(0, "deposits of margin accounts"), (1, "liquidity")].map(|(compartment, holds)| {
        let keys = plan.vault_keys(compartment);
        Vault {
            compartment,
            holds: holds.into(),
            key: keys.vault.into(),
            custody: pda::custody(&keys.vault).into(),
            breaker: keys.breaker.into(),
            route: cast.keys.key(&route(compartment)).pubkey().into(),
        }
    });
    let owners = (0..positions.min(OWNER_FILES)).map(|number| {
        let key = cast.owner(number).pubkey();
        Ok(Owner {
            key: key.into(),
            file: cast.keys.save(place, &owner(number))?,
            position: cast.exchange.margin(&key).into(),
            deposit: deposit(number),
        })
    });
    let [price, solvency, authority] = detectors::addresses(cast);
    let policy = council.policies.first();
    Ok(Manifest {
        version: 1,
        url: String::new(),
        ws: String::new(),
        domain: domain.into(),
        board: pda::board(&domain).into(),
        council: pda::council(&domain).into(),
        default_signer: key_file(&member(0))?,
        payer: key_file(PAYER)?,
        members,
        guardian_threshold: council.freeze_threshold,
        approval_threshold: policy.map_or(0, |policy| policy.threshold),
        fallback: key_file(FALLBACK)?,
        setup_authority: key_file(SETUP)?,
        voters: voters.collect::<Result<_, LocalnetError>>()?,
        attacker: KeyFile {
            key: cast.exchange.admin.pubkey().into(),
            file: cast.keys.save_as(place, ADMIN, ATTACKER)?,
        },
        accomplice: key_file(ACCOMPLICE)?,
        programs: Programs {
            bulkhead: bulkhead::ID.into(),
            example_exchange: example_exchange::ID.into(),
            example_vault: example_vault::ID.into(),
            upgrade_authority: key_file(UPGRADE)?,
        },
        exchange: Exchange {
            key: cast.exchange.key.into(),
            admin: key_file(ADMIN)?,
            collateral: cast.collateral().into(),
            oracle: cast.exchange.oracle(&cast.collateral()).into(),
            publisher: key_file(PUBLISHER)?,
            decimals: DECIMALS,
        },
        mints: Mints {
            quote: cast.exchange.mint.into(),
            governance: plan.governance_mint.into(),
            issuer: key_file(ISSUER)?,
        },
        vaults: vaults.into(),
        ledgers: (LEDGER..ledgers)
            .map(|index| Ledger {
                index,
                key: pda::ledger(&domain, index).into(),
                of: match index {
                    LEDGER => "margin accounts".into(),
                    _ => "margin accounts of another exchange, written for measurements".into(),
                },
                checkpoint_log: pda::checkpoint_log(&domain, index).into(),
            })
            .collect(),
        detectors: Detectors {
            price: price.into(),
            solvency: solvency.into(),
            authority: authority.into(),
        },
        limits: cast.limits(),
        timing: Timing {
            guardian_pause_seconds: council.guardian_pause_seconds,
            delay_seconds: policy.map_or(0, |policy| policy.delay_seconds),
            nomination_seconds: NOMINATION_SECONDS,
            vote_seconds: plan.vote_seconds,
            queue_seconds: 24 * 3_600,
        },
        positions: Positions {
            count: positions,
            by_transaction: by_transaction(positions),
            total: total(positions),
            owners: owners.collect::<Result<_, LocalnetError>>()?,
        },
    })
}

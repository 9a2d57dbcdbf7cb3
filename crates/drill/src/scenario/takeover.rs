//! What an attacker without any key of Bulkhead's can still try against the pause.

use bulkhead::instructions::{RegisterRouteArgs, SetLimitArgs};
use bulkhead_client::{instructions as ix, pda};
use solana_signer::Signer;

use super::Robbery;
use crate::stage::Stage;

/// Tries all of it, in the current slot.
pub(super) fn try_everything(stage: &mut Stage, robbery: &mut Robbery) {
    let Some(protocol) = stage.protocol() else {
        return;
    };
    let attacker = stage.attacker.insecure_clone();
    let (key, loot, payer) = (attacker.pubkey(), stage.loot, stage.machine.payer.pubkey());
    let (domain, vault, refuge) = (protocol.domain, protocol.vault, protocol.refuge);
    let alone = ix::Authority {
        signer: key,
        domain,
        proposal: None,
    };
    let unlimited = SetLimitArgs {
        breaker: vault.breaker,
        limit: u64::MAX,
        slot_limit: u64::MAX,
        ..SetLimitArgs::default()
    };
    let redirected = RegisterRouteArgs {
        vault: vault.vault,
        destination: loot,
    };
    let mut forged = stage.exchange.withdraw(key, loot, 1, u64::MAX);
    for meta in &mut forged.accounts {
        if meta.pubkey == pda::board(&domain) {
            meta.pubkey = refuge;
        }
    }
    let mut attempts = vec![
        (
            "raise the breaker's limit without a proposal",
            ix::set_limit(alone, unlimited.clone()),
        ),
        (
            "redirect the evacuation to itself",
            ix::register_route(alone, redirected),
        ),
        (
            "propose a higher limit with a key of its own",
            ix::propose(domain, key, payer, 0, &unlimited),
        ),
        ("confirm an incident with a key of its own", {
            ix::confirm_incident(domain, key, pda::incident(&domain, 0))
        }),
        (
            "release from the vault as its operator",
            ix::release(vault, key, payer, loot, 1, u64::MAX),
        ),
        ("withdraw past another account in the board's place", forged),
    ];
    if let Some(release) = robbery.queued {
        attempts.push((
            "collect the queued release at once",
            ix::settle_release(vault, loot, release),
        ));
    }
    for (attempt, instruction) in attempts {
        let result = stage.machine.send(&[instruction], &[&attacker]);
        robbery.attempts.note(attempt, stage.slot(), result);
    }
}

/// After the reopening, days later: what was queued before the latch, and which no guardian could cancel.
pub(crate) fn collect_late(stage: &mut Stage, robbery: &mut Robbery) {
    let Some(vault) = stage.protocol().map(|protocol| protocol.vault) else {
        return;
    };
    let attacker = stage.attacker.insecure_clone();
    let attempt = format!(
        "collect after the reopening what was queued before the latch, {} times",
        robbery.waiting.len()
    );
    let mut first = None;
    for release in std::mem::take(&mut robbery.waiting) {
        let settle = ix::settle_release(vault, stage.loot, release);
        match stage.machine.send(&[settle], &[&attacker]) {
            Ok(outcome) => robbery.attempts.note(&attempt, stage.slot(), Ok(outcome)),
            Err(failure) => {
                first.get_or_insert(failure);
            }
        }
    }
    if let Some(failure) = first {
        robbery.attempts.note(&attempt, stage.slot(), Err(failure));
    }
}

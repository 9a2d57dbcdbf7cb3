//! Attempts against the pause by an attacker without any key of Bulkhead's council.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{RegisterEvacuationRouteArgs, SetLimitArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::Vault;
use solana_signer::Signer;

use super::AttackOutcome;
use crate::stage::Stage;

/// Makes all attempts, in the current slot.
pub(super) fn try_everything(stage: &mut Stage, attack_outcome: &mut AttackOutcome) {
    let Some(protocol) = stage.protocol() else {
        return;
    };
    let attacker = stage.attacker.insecure_clone();
    let (key, attacker_tokens, payer) = (attacker.pubkey(), stage.attacker_tokens, stage.machine.payer.pubkey());
    let (domain, vault, recovery_account) = (protocol.domain, protocol.vault, protocol.recovery_account);
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
    let redirected = RegisterEvacuationRouteArgs {
        vault: vault.vault,
        destination: attacker_tokens,
    };
    let mut forged = stage.exchange.withdraw(key, attacker_tokens, 1, u64::MAX);
    for meta in &mut forged.accounts {
        if meta.pubkey == pda::board(&domain) {
            meta.pubkey = recovery_account;
        }
    }
    let mut attempts = vec![
        (
            "raise the breaker's limit without a proposal",
            ix::set_limit(alone, unlimited.clone()),
        ),
        (
            "redirect the evacuation to the attacker's account",
            ix::register_evacuation_route(alone, redirected),
        ),
        (
            "propose a higher limit with the attacker's own key",
            ix::propose(domain, key, payer, 0, &unlimited),
        ),
        ("confirm an incident with the attacker's own key", {
            ix::confirm_incident(domain, key, pda::incident(&domain, 0))
        }),
        (
            "release from the vault as its operator",
            ix::release(vault, key, payer, attacker_tokens, 1, u64::MAX),
        ),
        ("withdraw with another account in place of the board", forged),
    ];
    if let Some(release) = attack_outcome.queued {
        attempts.push((
            "settle the queued release at once",
            ix::settle_release(vault, attacker_tokens, release),
        ));
    }
    for (attempt, instruction) in attempts {
        let result = stage.machine.send(&[instruction], &[&attacker]);
        attack_outcome.attempts.note(attempt, stage.slot(), result);
    }
}

/// Days later, after the reopening: the releases that were queued before the latch, which no guardian could cancel. The
/// attacker brings them back to the queue, and has them settled.
pub(crate) fn collect_late(stage: &mut Stage, attack_outcome: &mut AttackOutcome) {
    let Some(vault) = stage.protocol().map(|protocol| protocol.vault) else {
        return;
    };
    let attacker = stage.attacker.insecure_clone();
    let incident = stage.machine.load::<Vault>(&vault.vault).evacuation.incident;
    let releases = std::mem::take(&mut attack_outcome.waiting);
    let requeue = |release: &Pubkey| ix::requeue_release(&vault.domain, vault.vault, incident, *release);
    let settle = |release: &Pubkey| ix::settle_release(vault, stage.attacker_tokens, *release);
    let attempts = [
        (
            "bring back to the queue",
            releases.iter().map(requeue).collect::<Vec<_>>(),
        ),
        ("settle", releases.iter().map(settle).collect()),
    ];
    for (what, instructions) in attempts {
        let attempt = format!(
            "{what} after the reopening a release queued before the latch, {} times",
            releases.len()
        );
        let mut first = None;
        for instruction in instructions {
            match stage.machine.send(&[instruction], &[&attacker]) {
                Ok(outcome) => attack_outcome.attempts.note(&attempt, stage.slot(), Ok(outcome)),
                Err(failure) => {
                    first.get_or_insert(failure);
                }
            }
        }
        if let Some(failure) = first {
            attack_outcome.attempts.note(&attempt, stage.slot(), Err(failure));
        }
    }
}

//! The world that both begin in.

use super::*;

impl Twins {
    /// By seed with an escape after the minimum time or without, with an end of claims or without, and with the incident's
    /// own snapshot sealed or not.
    pub fn new(seed: u64) -> Self {
        let (has_escape, has_end, is_sealed) = (seed.is_multiple_of(2), !seed.is_multiple_of(3), seed % 4 != 2);
        let is_weighed = has_escape && seed % 8 == 4;
        let (mut machine, protocol) = world();
        let rules = SetRecoveryRulesArgs {
            escape_seconds: if has_escape { MIN_ESCAPE_SECONDS } else { 0 },
            restart_check_seconds: 0,
        };
        let authority = protocol.mature(&mut machine, &rules);
        protocol.must(&mut machine, &[ix::set_recovery_rules(authority, rules)], &[]);
        // Every other seed: votes cool off, and results can be vetoed; every eighth one: a plug-in's weights count.
        if seed % 4 == 1 || is_weighed {
            let mut rules = if is_weighed {
                weights::weighed()
            } else {
                weights::disputed()
            };
            rules.dispute_seconds = weights::DISPUTE;
            let authority = protocol.mature(&mut machine, &rules);
            let set = ix::set_ballot_rules(authority, machine.payer.pubkey(), rules);
            protocol.must(&mut machine, &[set], &[]);
        }
        let heir = keypair("heir").pubkey();
        machine.create_associated(&protocol.mint, &heir, 0);
        if has_end {
            let terms = SetClaimTermsArgs {
                ledger_index: LEDGER,
                claim_days: MIN_CLAIM_DAYS,
                rest_owner: heir,
                successor: Pubkey::default(),
            };
            let authority = protocol.mature(&mut machine, &terms);
            let (payer, token) = (machine.payer.pubkey(), (protocol.mint, TOKEN_PROGRAM));
            protocol.must(
                &mut machine,
                &[ix::set_claim_terms(authority, payer, token, terms)],
                &[],
            );
            // Only a program's address is named, which signs by CPI. Here a key signs.
            let key = pda::claim_terms(&protocol.domain, LEDGER);
            let named = ClaimTerms {
                successor: successor().pubkey(),
                ..machine.load(&key)
            };
            forge(&mut machine, &key, &named);
        }
        for consumer in [successor(), keypair("another program")] {
            machine.create_associated(&protocol.mint, &consumer.pubkey(), 0);
        }
        let recovery = Recovery::sealed(&mut machine, protocol, neighbours());
        let protocol = &recovery.protocol;
        let (domain, payer) = (protocol.domain, machine.payer.pubkey());
        let voters: Vec<_> = (0..3).map(|number| keypair(&format!("voter {number}"))).collect();
        for voter in &voters {
            machine.create_associated(&protocol.governance_mint, &voter.pubkey(), 1_000);
            let open = ix::open_escrow(domain, voter.pubkey(), payer);
            protocol.must(&mut machine, &[open], &[voter]);
        }
        let funder = keypair("funder");
        machine.create_associated(&protocol.mint, &funder.pubkey(), TREASURY);
        machine.create_associated(&protocol.mint, &domain, 0);
        let mut snapshots = vec![(recovery.snapshot, machine.load::<Snapshot>(&recovery.snapshot))];
        let before = checkpoint(&recovery);
        for number in 0..2u8 {
            let key = keypair(&format!("checkpoint {number}")).pubkey();
            let mut state = Snapshot {
                source: snapshot_source::CHECKPOINT,
                checkpoint_slot: 2 - u64::from(number),
                root: [number; 32],
                ..snapshots[0].1
            };
            if number == 0 {
                // The newest of them has leaves of its own.
                (state.tag, state.root, state.total) = (*before.tag(), before.root().hash, before.root().sum);
                (state.count, state.shards) = (before.count(), *before.roots());
            }
            forge(&mut machine, &key, &state);
            snapshots.push((key, state));
        }
        if !is_sealed {
            recovery.write_snapshot(&mut machine, snapshot_state::OPEN);
            snapshots[0].1 = machine.load(&recovery.snapshot);
        }
        post(&mut machine, &recovery);
        protect(&mut machine, &recovery);
        agree(&mut machine, &recovery);
        let state = State {
            keys: keys(&recovery),
            at: At { slot: 0, now: 0 },
            domain: machine.load(&domain),
            council: machine.load(&pda::council(&domain)),
            incident: (recovery.incident, machine.load(&recovery.incident)),
            ledger_index: LEDGER,
            ledger: Some(machine.load(&pda::ledger(&domain, LEDGER))),
            snapshots,
            ballot: None,
            voters: voters
                .iter()
                .map(|voter| Voter {
                    key: voter.pubkey(),
                    escrow: machine.load(&pda::escrow(&domain, &voter.pubkey())),
                    purse: 1_000,
                    plugged: if is_weighed { WEIGHT } else { 0 },
                    record: None,
                })
                .collect(),
            supply: 3_000,
            rules: machine.try_load(&pda::ballot_rules(&domain)),
            matured: vec![],
            restoration: None,
            leaves: recovery
                .tree
                .leaves()
                .map(|(_, leaf)| Leaf {
                    key: leaf.key,
                    owner: leaf.owner,
                    amount: leaf.amount,
                    others: Some([in_checkpoint(leaf.amount), leaf.amount]),
                    ..Leaf::default()
                })
                .collect(),
            pool: 0,
            vault: machine.load(&protocol.vault.vault),
            queue: None,
            recovery_account: (protocol.recovery_account, IN_RECOVERY_ACCOUNT),
            treasury: TREASURY,
            custody: machine.balance(&protocol.custody()),
            interim: None,
            log: Some(Rc::new(machine.load(&pda::checkpoint_log(&domain, LEDGER)))),
            terms: machine.try_load(&pda::claim_terms(&domain, LEDGER)),
            rest: 0,
            wishes: vec![],
        };
        Self {
            machine,
            recovery,
            before,
            voters,
            funder,
            state,
        }
    }
}

/// Named by the ledger's terms.
pub fn successor() -> Keypair {
    keypair("successor")
}

/// Positions of different owners, all in one shard.
pub fn neighbours() -> Vec<Position> {
    let mut list = positions(LEAVES);
    for position in &mut list {
        let mut key = position.key.to_bytes();
        key[0] = 0x10 | key[0] & 0x0f;
        position.key = key.into();
    }
    list
}

pub fn keys(recovery: &Recovery) -> RecoveryKeys {
    let bump = |seed: &[u8]| {
        let seeds: &[&[u8]] = &[seed, recovery.incident.as_ref(), &[LEDGER]];
        Pubkey::find_program_address(seeds, &bulkhead::ID).1
    };
    RecoveryKeys {
        domain: recovery.protocol.domain,
        ballot: (recovery.ballot, bump(b"ballot")),
        restoration: (recovery.restoration, bump(b"restoration")),
        pool: recovery.pool(),
        mint: recovery.protocol.mint,
        decimals: 6,
        token_program: TOKEN_PROGRAM,
        interim: (pda::interim(&recovery.incident, LEDGER), bump(b"interim")),
        vault: recovery.protocol.vault.vault,
    }
}

/// The log has the checkpoints of the snapshots, attested and from before the breach: choosing one looks it up.
pub fn post(machine: &mut Machine, recovery: &Recovery) {
    let domain = recovery.protocol.domain;
    let seeds: &[&[u8]] = &[SEED_CHECKPOINTS, domain.as_ref(), &[LEDGER]];
    let (key, bump) = Pubkey::find_program_address(seeds, &bulkhead::ID);
    let mut log = CheckpointLog {
        version: VERSION,
        bump,
        ledger_index: LEDGER,
        domain,
        ledger: pda::ledger(&domain, LEDGER),
        posted: 2,
        ..CheckpointLog::zeroed()
    };
    for (entry, slot) in log.entries.iter_mut().zip(1..=2) {
        (entry.slot, entry.posted_slot, entry.state) = (slot, 3, checkpoint_state::ATTESTED);
        entry.published = u16::MAX;
    }
    forge(machine, &key, &log);
}

/// What a position had in the newest checkpoint.
pub const fn in_checkpoint(amount: u64) -> u64 {
    amount / 4 * 3
}

/// The newest checkpoint's tree.
pub fn checkpoint(recovery: &Recovery) -> Tree {
    let leaves = recovery.tree.leaves().map(|(_, leaf)| Position {
        amount: in_checkpoint(leaf.amount),
        ..*leaf
    });
    Tree::build([77; 32], leaves.collect()).unwrap_or_else(|error| panic!("{error}"))
}

/// A share was agreed in peace, and custody still holds something.
pub fn agree(machine: &mut Machine, recovery: &Recovery) {
    let protocol = &recovery.protocol;
    let key = pda::ledger(&protocol.domain, LEDGER);
    let ledger = Ledger {
        interim_bps: 5_000,
        interim_cap: 300,
        ..machine.load(&key)
    };
    forge(machine, &key, &ledger);
    let custody = protocol.custody();
    let mut account = machine.account(&custody).expect("there");
    account.data[64..72].copy_from_slice(&IN_CUSTODY.to_le_bytes());
    machine.write_account(&custody, account);
}

/// The vault was evacuated; its recovery account holds that and more.
pub fn protect(machine: &mut Machine, recovery: &Recovery) {
    let protocol = &recovery.protocol;
    machine.mint_to(&protocol.mint, &protocol.recovery_account, IN_RECOVERY_ACCOUNT);
    let mut vault: Vault = machine.load(&protocol.vault.vault);
    vault.evacuation = Evacuation {
        incident: recovery.incident,
        destination: protocol.recovery_account,
        before: EVACUATED,
        moved: EVACUATED,
        slot: 7,
        ..Evacuation::zeroed()
    };
    forge(machine, &protocol.vault.vault, &vault);
}

//! The built program and the pure machine of one ledger's way back, step by step: random moves by random signers at
//! random times succeed and fail together, for the same reason, and leave the same bytes and tokens. So what
//! `crates/core/tests/recovery_scope` says of the machine, it says of the program.

#[path = "model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;

use std::rc::Rc;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction::transfer};
use bulkhead::{
    authority::core_error,
    instructions::{ChooseRestorationArgs, SetClaimTermsArgs, SetRecoveryRulesArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    CoreError,
    acts::{At, Plan},
    machine::recovery::{Book, Leaf, Move, Purse, Recovery as State, RecoveryKeys, Voter},
};
use bulkhead_interface::{
    constants::{
        CHOICE_NONE, CHOICE_NOTED, MIN_CLAIM_DAYS, MIN_ESCAPE_SECONDS, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS,
        SUCCESSOR_NOTICE_SECONDS, VERSION, checkpoint_state, proved, snapshot_source, snapshot_state,
    },
    layout::{CheckpointLog, ClaimRedirect, ClaimTerms, Council, Evacuation, Ledger, Snapshot, Vault, VoteRecord},
    seeds::SEED_CHECKPOINTS,
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, VOTE_SECONDS, associated_token, keypair};
use bulkhead_tests::{
    interim::Shared,
    recovery::{LEDGER, Recovery, forge, owner, positions},
    weights, world,
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::rng::Rng;

const SEEDS: u64 = 8;
const STEPS: u64 = 500;
const LEAVES: u64 = 5;
/// What the funder has: more than is ever paid in.
const TREASURY: u64 = 1_000_000;
/// What the evacuation brought to the recovery account, of what is there.
const EVACUATED: u64 = 2_000;
const IN_RECOVERY_ACCOUNT: u64 = 3_000;
/// What each voter has in the plug-in.
const WEIGHT: u64 = 1_000;
/// What custody still holds.
const IN_CUSTODY: u64 = 1_501;

/// One ledger's way back, twice.
struct Twins {
    machine: Machine,
    recovery: Recovery,
    before: Tree,
    voters: Vec<Keypair>,
    funder: Keypair,
    state: State,
}

impl Twins {
    /// By seed with an escape after the minimum time or without, with an end of claims or without, and with the incident's
    /// own snapshot sealed or not.
    fn new(seed: u64) -> Self {
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

    /// Do a plug-in's weights count?
    fn is_weighed(&self) -> bool {
        self.state
            .rules
            .is_some_and(|rules| rules.weight_program != Pubkey::default())
    }

    fn sync_clock(&mut self) {
        let clock = self.machine.clock();
        self.state.at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
    }

    /// A proposal for the snapshot, as it stands, matures. Proposals are another lockstep's.
    fn mature(&mut self, number: usize) -> (ix::Authority, ChooseRestorationArgs) {
        let (key, snapshot) = self.state.snapshots[number];
        let args = ChooseRestorationArgs {
            incident: self.recovery.incident,
            snapshot: key,
            root: snapshot.root,
            ledger_index: LEDGER,
        };
        let protocol = &self.recovery.protocol;
        let authority = protocol.mature(&mut self.machine, &args);
        self.state.matured.push(Plan {
            incident: args.incident,
            snapshot: args.snapshot,
            root: args.root,
            ledger_index: LEDGER,
        });
        self.state.council = self.machine.load::<Council>(&pda::council(&protocol.domain));
        self.sync_clock();
        (authority, args)
    }

    /// The instruction of a move.
    fn instruction(&mut self, signer: &Pubkey, action: Move) -> Option<Instruction> {
        let payer = self.machine.payer.pubkey();
        let Recovery {
            ref protocol,
            incident,
            ballot,
            ..
        } = self.recovery;
        let (domain, mint) = (protocol.domain, protocol.governance_mint);
        let keys = self.recovery.keys();
        let voter = |number: usize| self.voters[number].pubkey();
        let purse = |number: usize| associated_token(&voter(number), &mint);
        let funder = self.funder.pubkey();
        let source = associated_token(&funder, &protocol.mint);
        Some(match action {
            Move::Wait(_) => return None,
            Move::OpenBallot => ix::open_ballot(domain, *signer, payer, incident, LEDGER),
            Move::Nominate(number) => ix::add_candidate(domain, *signer, ballot, self.state.snapshots[number].0),
            Move::Start if self.is_weighed() => {
                let all = self.state.voters.iter().map(|voter| voter.plugged).sum();
                weights::compute_max(&mut self.machine, protocol, all);
                ix::start_weighed(domain, *signer, incident, ballot, mint, Some(weights::max_key()))
            }
            Move::Start => ix::start_voting(domain, *signer, incident, ballot, mint),
            Move::Deposit(number, amount) => {
                ix::deposit_votes(domain, voter(number), purse(number), mint, TOKEN_PROGRAM, amount)
            }
            Move::Withdraw(number, amount) => {
                ix::withdraw_votes(domain, voter(number), purse(number), mint, TOKEN_PROGRAM, amount)
            }
            Move::Vote(number, choice) if self.is_weighed() => {
                let (key, weight) = (voter(number), self.state.voters[number].plugged);
                weights::compute(&mut self.machine, protocol, &key, weight);
                ix::cast_weight(key, payer, ballot, weights::record_key(&key), choice)
            }
            Move::Vote(number, choice) => ix::cast_vote(domain, voter(number), payer, ballot, choice),
            Move::Note(number) if self.is_weighed() => {
                let (key, weight) = (voter(number), self.state.voters[number].plugged);
                weights::compute(&mut self.machine, protocol, &key, weight);
                ix::cast_weight(key, payer, ballot, weights::record_key(&key), CHOICE_NOTED)
            }
            Move::Note(number) => ix::cast_vote(domain, voter(number), payer, ballot, CHOICE_NOTED),
            Move::Veto => ix::veto_ballot(domain, *signer, ballot),
            // The plug-in's own doing.
            Move::MoveWeight(..) => return None,
            Move::CloseRecord(number) => ix::close_vote_record(ballot, voter(number)),
            Move::Renew(stale) => {
                let stale = stale.map(|number| self.state.snapshots[number].0);
                ix::renew_ballot(domain, *signer, ballot, stale)
            }
            Move::Choose(number) => {
                let (authority, args) = self.mature(number);
                ix::choose_restoration(authority, payer, self.recovery.protocol.mint, TOKEN_PROGRAM, args)
            }
            Move::Fund(amount) => ix::fund_restoration(keys, funder, source, amount),
            Move::Send(amount) => {
                transfer(&TOKEN_PROGRAM, &source, &self.recovery.pool(), &funder, &[], amount).ok()?
            }
            Move::Draw => ix::fund_from_recovery_account(keys, domain, protocol.vault.vault, protocol.recovery_account),
            Move::ShareOut => ix::share_out(self.recovery.restoration, incident),
            Move::Claim(number) => {
                // Of the checkpoints there are no shards here.
                if self.state.restoration?.snapshot != self.recovery.snapshot {
                    return None;
                }
                let (_, leaf) = self.recovery.tree.leaves().nth(number)?;
                let (claim, args) = self.recovery.prepare(&self.machine, &leaf.key);
                let (page, book) = (claim.page, self.state.restoration?.book);
                ix::in_book(ix::claim(keys, claim, args), &keys.restoration, &book, page)
            }
            Move::ClaimBatch(first, last) => {
                if self.state.restoration?.snapshot != self.recovery.snapshot {
                    return None;
                }
                let leaves: Vec<_> = self.recovery.tree.leaves().map(|(_, leaf)| leaf.key).collect();
                let batch = self.recovery.batch(&self.machine, leaves.get(first..=last)?);
                let book = self.state.restoration?.book;
                ix::in_book(batch, &keys.restoration, &book, 0)
            }
            Move::Wish(kind, to) => ix::wish_claims(domain, *signer, payer, kind, to),
            Move::Consume(number, owner_signs) => {
                if self.state.restoration?.snapshot != self.recovery.snapshot {
                    return None;
                }
                let (_, leaf) = self.recovery.tree.leaves().nth(number)?;
                let (claim, args) = self.recovery.prepare(&self.machine, &leaf.key);
                let claim = ix::ClaimKeys {
                    owner_signs,
                    destination: associated_token(signer, &protocol.mint),
                    ..claim
                };
                let consume = ix::consume_claim(keys, claim, (domain, LEDGER), *signer, args);
                let book = self.state.restoration?.book;
                ix::in_book(consume, &keys.restoration, &book, 0)
            }
            Move::Escape(number) => {
                let keys = ix::EscapeKeys {
                    domain,
                    incident,
                    ledger_index: LEDGER,
                    snapshot: self.state.snapshots[number].0,
                    mint: protocol.mint,
                    token_program: TOKEN_PROGRAM,
                };
                ix::open_escape(payer, keys)
            }
            Move::DrawCustody => ix::fund_from_custody(keys, domain, protocol.vault.vault),
            Move::Sweep => {
                let heir = keypair("heir").pubkey();
                ix::sweep_unclaimed(keys, associated_token(&heir, &protocol.mint))
            }
            // By a proposal, which is another lockstep's.
            Move::Extend(_) => return None,
            Move::ReturnSurplus => ix::return_surplus(keys, associated_token(&domain, &protocol.mint)),
            Move::OpenInterim => ix::open_interim(self.interim(), payer),
            Move::FundInterim(purse) => {
                let vault = protocol.vault.vault;
                let from = match purse {
                    Purse::Custody => Some((vault, protocol.custody())),
                    Purse::RecoveryAccount => Some((vault, protocol.recovery_account)),
                    Purse::Pool => None,
                };
                ix::fund_interim(self.interim(), from)
            }
            Move::ClaimInterim(number) => self.claim_interim(number)?,
            Move::StopInterim(number) => {
                let (_, leaf) = self.recovery.tree.leaves().nth(number)?;
                ix::stop_interim_claim(domain, *signer, self.interim().interim(), leaf.key)
            }
            Move::ReturnInterim => ix::return_interim(self.interim(), associated_token(&domain, &protocol.mint)),
            Move::ClosePage(book) => {
                let (restoration, interim) = (self.recovery.restoration, self.interim());
                let (book, of) = match book {
                    Book::Restoration => (restoration, None),
                    Book::Snapshot => (interim.interim(), Some(interim.interim())),
                    Book::Checkpoint => (interim.checkpoint, Some(interim.interim())),
                };
                ix::close_book_page(restoration, book, of, payer, 0)
            }
        })
    }

    /// The accounts of the interim share-out.
    fn interim(&self) -> ix::InterimKeys {
        ix::InterimKeys {
            domain: self.recovery.protocol.domain,
            incident: self.recovery.incident,
            ledger_index: LEDGER,
            snapshot: self.recovery.snapshot,
            checkpoint: self.state.snapshots[1].0,
            mint: self.recovery.protocol.mint,
            token_program: TOKEN_PROGRAM,
        }
    }

    /// Stores the checkpoint's leaf, and gives the claim.
    fn claim_interim(&mut self, number: usize) -> Option<Instruction> {
        let leaf = *self.recovery.tree.leaves().nth(number)?.1;
        let (keys, payer) = (self.interim(), self.machine.payer.pubkey());
        let proof = Shared::proof(&self.before, &leaf.key, 0);
        let prove = ix::prove_interim_leaf(keys.interim(), keys.checkpoint, payer, proof);
        self.recovery.protocol.must(&mut self.machine, &[prove], &[]);
        let (claim, args) = self.recovery.prepare(&self.machine, &leaf.key);
        let claim = ix::InterimClaimKeys {
            shard: claim.shard,
            prover: payer,
            snapshot_page: 0,
            checkpoint_page: 0,
            owner: claim.owner,
            owner_signs: false,
            destination: claim.destination,
        };
        Some(ix::claim_interim(keys, claim, args))
    }

    /// Pages and token accounts for every leaf.
    fn prepare_claims(&mut self) {
        let payer = self.machine.payer.pubkey();
        let mut pages = vec![];
        if let Some(plan) = &self.state.restoration {
            pages.push(ix::open_book_page(self.recovery.restoration, plan.book, payer, 0));
        }
        if self.state.interim.is_some() {
            let of = [proved::SNAPSHOT, proved::CHECKPOINT];
            pages.extend(of.map(|of| ix::open_interim_page(self.interim(), payer, of, 0)));
        }
        for page in pages {
            let claims = page.accounts.iter().filter(|meta| meta.is_writable && !meta.is_signer);
            let is_there = claims
                .into_iter()
                .any(|meta| self.machine.account(&meta.pubkey).is_some());
            if !is_there {
                self.recovery.protocol.must(&mut self.machine, &[page], &[]);
            }
        }
        for leaf in self.recovery.tree.leaves().map(|(_, leaf)| *leaf) {
            let mint = self.recovery.protocol.mint;
            if self.machine.account(&associated_token(&leaf.owner, &mint)).is_none() {
                self.machine.create_associated(&mint, &leaf.owner, 0);
            }
        }
    }

    fn send(&mut self, instruction: Instruction, signer: &Keypair) -> Result<Outcome, Failure> {
        let owners: Vec<_> = (0..LEAVES).map(owner).collect();
        let known = self.voters.iter().chain(&owners).chain([&self.funder, signer]);
        let signers: Vec<_> = known
            .filter(|key| {
                let needed = |meta: &solana_instruction::AccountMeta| meta.is_signer && meta.pubkey == key.pubkey();
                instruction.accounts.iter().any(needed)
            })
            .collect();
        self.machine.send(&[instruction], &signers)
    }

    /// Both do it; they have to agree.
    fn step(&mut self, story: &str, signer: &Keypair, action: Move) -> bool {
        if let Move::Wait(seconds) = action {
            self.machine.warp_seconds(seconds);
            self.sync_clock();
            return true;
        }
        if let Move::MoveWeight(..) = action {
            let moved = self.state.step(&signer.pubkey(), action).map(|next| self.state = next);
            return moved.is_ok();
        }
        self.sync_clock();
        // What is not there is not asked for.
        let trial = self.state.step(&signer.pubkey(), action);
        let is_missing = trial.as_ref().err() == Some(&CoreError::ArgumentOutOfRange);
        if is_missing && !matches!(action, Move::Choose(_)) {
            return false;
        }
        if matches!(action, Move::Choose(_)) && (self.state.ballot.is_none() || self.state.restoration.is_some()) {
            return false;
        }
        let Some(instruction) = self.instruction(&signer.pubkey(), action) else {
            return false;
        };
        let pure = self.state.step(&signer.pubkey(), action);
        let built = self.send(instruction, signer);
        match (pure, built) {
            (Ok(next), Ok(_)) => {
                self.state = next;
                if matches!(
                    action,
                    Move::Choose(_) | Move::OpenInterim | Move::Escape(_) | Move::ClosePage(_)
                ) {
                    self.prepare_claims();
                }
                self.compare(story);
                true
            }
            (Err(pure), Err(built)) => {
                let code = match core_error(pure) {
                    anchor_lang::error::Error::AnchorError(error) => Some(error.error_code_number),
                    anchor_lang::error::Error::ProgramError(_) => None,
                };
                assert_eq!(built.code(), code, "{story}: {pure:?} and {}", built.error);
                false
            }
            (pure, built) => panic!(
                "{story}: the machine says {:?}, the program {:?}",
                pure.err(),
                built
                    .err()
                    .map(|built| (built.error.clone(), built.outcome.logs.clone()))
            ),
        }
    }

    fn compare(&self, story: &str) {
        let (machine, state, recovery) = (&self.machine, &self.state, &self.recovery);
        let protocol = &recovery.protocol;
        let same = |what: &str, key: &Pubkey, bytes: Option<&[u8]>| {
            let account = machine.account(key).filter(|account| !account.data.is_empty());
            let data = account.as_ref().map(|account| &account.data[8..]);
            assert_eq!(data, bytes, "{story}: {what}");
        };
        same("domain", &protocol.domain, Some(bytemuck::bytes_of(&state.domain)));
        same(
            "incident",
            &recovery.incident,
            Some(bytemuck::bytes_of(&state.incident.1)),
        );
        same(
            "ballot",
            &recovery.ballot,
            state.ballot.as_ref().map(bytemuck::bytes_of),
        );
        let plan = state.restoration.as_ref().map(bytemuck::bytes_of);
        same("restoration", &recovery.restoration, plan);
        same("vault", &protocol.vault.vault, Some(bytemuck::bytes_of(&state.vault)));
        for (voter, key) in state.voters.iter().zip(&self.voters) {
            let escrow = pda::escrow(&protocol.domain, &key.pubkey());
            same("escrow", &escrow, Some(bytemuck::bytes_of(&voter.escrow)));
            let record = machine.try_load::<VoteRecord>(&pda::vote_record(&recovery.ballot, &key.pubkey()));
            let record = record.map(|record| VoteRecord { bump: 0, ..record });
            assert_eq!(
                record.as_ref().map(bytemuck::bytes_of),
                voter.record.as_ref().map(bytemuck::bytes_of),
                "{story}: record"
            );
            let purse = associated_token(&key.pubkey(), &protocol.governance_mint);
            assert_eq!(machine.balance(&purse), voter.purse, "{story}: purse");
        }
        assert_eq!(machine.balance(&recovery.pool()), state.pool, "{story}: pool");
        assert_eq!(
            machine.balance(&protocol.recovery_account),
            state.recovery_account.1,
            "{story}: recovery account"
        );
        assert_eq!(machine.balance(&protocol.custody()), state.custody, "{story}: custody");
        let heir = associated_token(&keypair("heir").pubkey(), &protocol.mint);
        assert_eq!(machine.balance(&heir), state.rest, "{story}: rest");
        let consumed: u64 = [successor(), keypair("another program")]
            .iter()
            .map(|consumer| machine.balance(&associated_token(&consumer.pubkey(), &protocol.mint)))
            .sum();
        let booked: u64 = state.leaves.iter().map(|leaf| leaf.consumed).sum();
        assert_eq!(consumed, booked, "{story}: consumed");
        for leaf in &state.leaves {
            let key = pda::claim_wish(&protocol.domain, &leaf.owner);
            let wish = machine.try_load::<ClaimRedirect>(&key);
            let wish = wish.map(|wish| ClaimRedirect { bump: 0, ..wish });
            assert_eq!(
                wish.as_ref().map(bytemuck::bytes_of),
                state.wish_of(&leaf.owner).map(bytemuck::bytes_of),
                "{story}: wish"
            );
            let received: u64 = state
                .leaves
                .iter()
                .filter(|other| other.owner == leaf.owner)
                .map(|leaf| leaf.received)
                .sum();
            let account = associated_token(&leaf.owner, &protocol.mint);
            let balance = machine.account(&account).map_or(0, |_| machine.balance(&account));
            assert_eq!(balance, received, "{story}: received");
        }
        let interim = self.interim().interim();
        same("interim", &interim, state.interim.as_deref().map(bytemuck::bytes_of));
        let page = |what: &str, book: &Pubkey, paid: &dyn Fn(&Leaf) -> u64| {
            let page = machine.account(&pda::claim_page(book, 0)).expect("opened");
            let paid: Vec<u8> = state.leaves.iter().flat_map(|leaf| paid(leaf).to_le_bytes()).collect();
            assert_eq!(page.data[8 + 80..], paid, "{story}: {what}");
        };
        if let Some(plan) = &state.restoration
            && plan.book == recovery.restoration
        {
            page("page", &plan.book, &|leaf| leaf.paid);
        }
        if state.interim.is_some() {
            page("page of the snapshot", &interim, &|leaf| leaf.books[0]);
            page("page of the checkpoint", &state.snapshots[1].0, &|leaf| leaf.books[1]);
        }
    }
}

/// Named by the ledger's terms.
fn successor() -> Keypair {
    keypair("successor")
}

/// Positions of different owners, all in one shard.
fn neighbours() -> Vec<Position> {
    let mut list = positions(LEAVES);
    for position in &mut list {
        let mut key = position.key.to_bytes();
        key[0] = 0x10 | key[0] & 0x0f;
        position.key = key.into();
    }
    list
}

/// Who makes a move: owners wish, programs consume, anyone does the rest.
fn maker(rng: &mut Rng, action: Move, anyone: &Keypair) -> Keypair {
    match action {
        Move::Wish(..) => owner(rng.below(LEAVES)),
        Move::Consume(..) if rng.percent(75) => successor(),
        Move::Consume(..) => keypair("another program"),
        _ => anyone.insecure_clone(),
    }
}

fn keys(recovery: &Recovery) -> RecoveryKeys {
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
fn post(machine: &mut Machine, recovery: &Recovery) {
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
const fn in_checkpoint(amount: u64) -> u64 {
    amount / 4 * 3
}

/// The newest checkpoint's tree.
fn checkpoint(recovery: &Recovery) -> Tree {
    let leaves = recovery.tree.leaves().map(|(_, leaf)| Position {
        amount: in_checkpoint(leaf.amount),
        ..*leaf
    });
    Tree::build([77; 32], leaves.collect()).unwrap_or_else(|error| panic!("{error}"))
}

/// A share was agreed in peace, and custody still holds something.
fn agree(machine: &mut Machine, recovery: &Recovery) {
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
fn protect(machine: &mut Machine, recovery: &Recovery) {
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

fn pick(rng: &mut Rng, is_restored: bool) -> Move {
    let voter = usize::try_from(rng.below(3)).unwrap_or(0);
    let amount = rng.pick(&[1, 7, 100, 400]);
    if is_restored && rng.percent(60) {
        let book = rng.pick(&[Book::Restoration, Book::Snapshot, Book::Checkpoint]);
        let leaf = usize::try_from(rng.below(LEAVES)).unwrap_or(0);
        return match rng.below(24) {
            15 => Move::ClosePage(book),
            16 | 17 => Move::ClaimBatch(leaf, (leaf + 2).min(4)),
            18 => Move::Wish(rng.pick(&[0, 1, 2, 2, 3, 4]), successor().pubkey()),
            19 => Move::Wish(rng.pick(&[0, 2, 3]), Pubkey::default()),
            20 => Move::Wait(SUCCESSOR_NOTICE_SECONDS),
            21..24 => Move::Consume(leaf, rng.percent(20)),
            0 => Move::Fund(rng.pick(&[1, 3, 500, 100_000])),
            1 => Move::Send(rng.pick(&[1, 30])),
            2 => Move::Draw,
            3 | 4 => Move::ShareOut,
            5 => Move::ReturnSurplus,
            6 => Move::DrawCustody,
            7 => Move::Sweep,
            _ => Move::Claim(usize::try_from(rng.below(LEAVES)).unwrap_or(0)),
        };
    }
    if !is_restored && rng.percent(30) {
        let leaf = usize::try_from(rng.below(LEAVES)).unwrap_or(0);
        let book = rng.pick(&[Book::Snapshot, Book::Checkpoint]);
        return match rng.below(13) {
            12 => Move::ClosePage(book),
            0 => Move::OpenInterim,
            1 => Move::FundInterim(Purse::Custody),
            2 => Move::FundInterim(Purse::RecoveryAccount),
            3 => Move::FundInterim(Purse::Pool),
            4 => Move::StopInterim(leaf),
            5 => Move::ReturnInterim,
            _ => Move::ClaimInterim(leaf),
        };
    }
    match rng.below(36) {
        30 | 34 | 35 => Move::Veto,
        31 => Move::Note(voter),
        32 => Move::MoveWeight(voter, usize::try_from(rng.below(3)).unwrap_or(0), amount),
        33 => Move::Wait(weights::DISPUTE),
        29 => Move::ClaimInterim(voter),
        0 => Move::OpenBallot,
        1..4 => Move::Nominate(voter),
        4..7 => Move::Start,
        7..10 => Move::Deposit(voter, amount),
        10 => Move::Withdraw(voter, amount),
        11..15 => Move::Vote(voter, rng.pick(&[0, 0, 0, 1, 2, CHOICE_NONE])),
        15 => Move::CloseRecord(voter),
        16 => Move::Renew(Some(voter)),
        17 => Move::Renew(None),
        18 | 19 => Move::Choose(voter),
        20 => Move::Wait(1),
        21 | 22 => Move::Wait(NOMINATION_SECONDS / 2),
        23 => Move::Wait(VOTE_SECONDS),
        24 => Move::Wait(NOMINATION_PATIENCE_SECONDS),
        25 | 26 => Move::Escape(voter),
        27 if is_restored => Move::Wait(i64::from(MIN_CLAIM_DAYS) * 86_400),
        _ => Move::Wait(3_600),
    }
}

#[test]
fn program_and_machine_agree_step_by_step() {
    let mut reached = [0u32; 12];
    for seed in 0..SEEDS {
        let mut twins = Twins::new(seed);
        let mut rng = Rng::new(seed);
        let members = [
            keypair("stranger"),
            twins.recovery.protocol.members[0].insecure_clone(),
            twins.recovery.protocol.members[1].insecure_clone(),
            // The one that vetoes.
            twins.recovery.protocol.members[3].insecure_clone(),
        ];
        for step in 0..STEPS {
            let anyone = &members[usize::try_from(rng.below(4)).unwrap_or(0)];
            let action = pick(&mut rng, twins.state.restoration.is_some());
            let signer = &maker(&mut rng, action, anyone);
            let story = format!("seed {seed}, step {step}, {action:?} by {}", signer.pubkey());
            let is_done = twins.step(&story, signer, action);
            let number = match action {
                Move::Choose(_) => 0,
                Move::Claim(_) => 1,
                Move::Renew(_) => 2,
                Move::ClaimInterim(_) => 3,
                Move::Escape(_) => 4,
                Move::DrawCustody => 5,
                Move::Sweep => 6,
                Move::Veto => 7,
                Move::Note(_) => 8,
                Move::ClaimBatch(..) => 9,
                Move::Wish(..) => 10,
                Move::Consume(..) => 11,
                _ => continue,
            };
            reached[number] += u32::from(is_done);
            // A snapshot becomes another one: what was voted on is stale.
            if matches!(action, Move::Renew(_)) && rng.percent(20) {
                let (key, old) = twins.state.snapshots[2];
                let again = Snapshot {
                    root: [100 + u8::try_from(step % 100).unwrap_or(0); 32],
                    state: snapshot_state::SEALED,
                    ..old
                };
                forge(&mut twins.machine, &key, &again);
                twins.state.snapshots[2].1 = again;
            }
        }
    }
    assert!(reached.iter().all(|number| *number > 0), "{reached:?}");
}

//! The vote on the state to restore, when one wallet wants to capture it: thirty percent of the governance token, two
//! attesters and an approver.
//!
//! In the first round nobody votes but the thief, whose state wins. It does not stand: a vetoer sends it back within its
//! dispute window. In the second round the holders are awake. Along the way the thief tries what votes elsewhere allow.

use super::*;
use crate::scenario::{FalseState, VoteOutcome};

/// Governance tokens of the thief: three tenths of all.
const WHALE: u64 = 300_000;
/// Of the other holders.
const HOLDERS: [u64; 5] = [250_000, 200_000, 150_000, 80_000, 20_000];
/// The member who is the thief's, and the one who vetoes.
const CAPTURED: usize = 1;
const VETOER: usize = 3;
/// Places on the ballot: the incident's own snapshot is first.
const OWN: u8 = 0;
const FALSE: u8 = 1;

impl Recovery<'_> {
    /// Two rounds of the vote. The second one's result stands at the end.
    pub(super) fn captured_ballot(&mut self, false_state: FalseState) -> Result<(), DrillError> {
        let (protocol, incident, payer) = (self.protocol, self.incident, self.payer());
        let (domain, ballot) = (protocol.domain, pda::ballot(&incident, LEDGER));
        self.stage.machine.warp_seconds(STEP_SECONDS);
        let whale = keypair("whale");
        self.escrow(&whale, WHALE)?;
        let holders: Vec<_> = (0..HOLDERS.len())
            .map(|number| keypair(&format!("holder {number}")))
            .collect();
        for (holder, weight) in holders.iter().zip(HOLDERS) {
            self.escrow(holder, weight)?;
        }
        let slot = false_state.slot;
        let wanted = pda::checkpoint_snapshot(&incident, LEDGER, slot);
        let open = ix::open_checkpoint_snapshot(domain, payer, incident, LEDGER, slot, &false_state.shards);
        self.land("open the false checkpoint's snapshot", open, &[])?;
        for step in [
            ix::open_ballot(domain, payer, payer, incident, LEDGER),
            ix::add_candidate(domain, payer, ballot, pda::snapshot(&incident, LEDGER)),
        ] {
            self.land("open the ballot", step, &[])?;
        }
        let captured = &protocol.members[CAPTURED];
        let nominate = ix::add_candidate(domain, captured.pubkey(), ballot, wanted);
        self.land("nominate the false state", nominate.clone(), &[captured])?;

        // A vote of six hours, as the host had one: the list has only just changed.
        self.stage.machine.warp_seconds(NOMINATION_SECONDS);
        let start = ix::start_voting(domain, captured.pubkey(), incident, ballot, protocol.governance_mint);
        self.attempt(
            "start the vote before anybody could examine the list",
            start.clone(),
            captured,
        );
        self.stage.machine.warp_seconds(DISPUTE_SECONDS - NOMINATION_SECONDS);
        self.land("start the vote", start.clone(), &[captured])?;
        self.cast("vote for the false state", &whale, FALSE)?;
        let again = ix::cast_vote(domain, whale.pubkey(), payer, ballot, FALSE);
        self.attempt("vote twice", again, &whale);
        // Borrowed while the vote runs.
        let late = keypair("borrower");
        self.escrow(&late, WHALE)?;
        let borrowed = ix::cast_vote(domain, late.pubkey(), payer, ballot, FALSE);
        self.attempt("vote with tokens borrowed since the vote started", borrowed, &late);
        self.stage.machine.warp_seconds(VOTE_SECONDS);
        let has_won = self.winner(&ballot) == Some(FALSE);

        let root = self.stage.machine.load::<Snapshot>(&wanted).root;
        let args = ChooseRestorationArgs {
            incident,
            root,
            snapshot: wanted,
            ledger_index: LEDGER,
        };
        let authority = self.mature(&args)?;
        let choose = ix::choose_restoration(authority, payer, protocol.mint, TOKEN_PROGRAM, args);
        self.attempt(
            "restore the false state before its result stands",
            choose.clone(),
            &whale,
        );
        let vetoer = &protocol.members[VETOER];
        self.land(
            "veto the result",
            ix::veto_ballot(domain, vetoer.pubkey(), ballot),
            &[vetoer],
        )?;
        self.attempt("restore the false state after the veto", choose, &whale);
        self.end("veto");

        self.second_round(&whale, &late, &holders, (nominate, start))?;
        self.attack_outcome.vote = Some(VoteOutcome {
            has_won,
            is_undone: false,
        });
        self.end("ballot");
        Ok(())
    }

    /// The holders vote for what was read in the incident.
    fn second_round(
        &mut self,
        whale: &Keypair,
        late: &Keypair,
        holders: &[Keypair],
        (nominate, start): (Instruction, Instruction),
    ) -> Result<(), DrillError> {
        let (protocol, payer) = (self.protocol, self.payer());
        let (domain, ballot) = (protocol.domain, pda::ballot(&self.incident, LEDGER));
        let captured = &protocol.members[CAPTURED];
        self.land("nominate the false state again", nominate, &[captured])?;
        self.land(
            "close the record of the first round",
            ix::close_vote_record(ballot, whale.pubkey()),
            &[],
        )?;
        self.stage.machine.warp_seconds(DISPUTE_SECONDS);
        self.land("start the vote again", start, &[captured])?;
        self.cast("vote for the false state again", whale, FALSE)?;
        for (number, holder) in holders.iter().enumerate() {
            let choice = if number + 1 == holders.len() { CHOICE_NONE } else { OWN };
            self.cast("vote for what was read in the incident", holder, choice)?;
        }
        // The rest of what the thief could borrow, when nobody could answer any more.
        self.stage.machine.warp_seconds(VOTE_SECONDS - COOL_OFF_SECONDS);
        let last = ix::cast_vote(domain, late.pubkey(), payer, ballot, FALSE);
        self.attempt("vote while the vote cools off", last, late);
        self.stage.machine.warp_seconds(COOL_OFF_SECONDS + DISPUTE_SECONDS);
        Ok(())
    }

    /// A holder's tokens come into escrow.
    fn escrow(&mut self, holder: &Keypair, amount: u64) -> Result<(), DrillError> {
        let (domain, mint, payer) = (self.protocol.domain, self.protocol.governance_mint, self.payer());
        let source = self.stage.give(&mint, holder, amount);
        let steps = [
            ix::open_escrow(domain, holder.pubkey(), payer),
            ix::deposit_votes(domain, holder.pubkey(), source, mint, TOKEN_PROGRAM, amount),
        ];
        self.stage.land("escrow votes", &steps, &[holder]).map(|_| ())
    }

    fn cast(&mut self, step: &str, voter: &Keypair, choice: u8) -> Result<(), DrillError> {
        let ballot = pda::ballot(&self.incident, LEDGER);
        let vote = ix::cast_vote(self.protocol.domain, voter.pubkey(), self.payer(), ballot, choice);
        self.land(step, vote, &[voter])
    }

    /// Something that has to be refused.
    fn attempt(&mut self, attempt: &str, instruction: Instruction, signer: &Keypair) {
        let result = self.stage.machine.send(&[instruction], &[signer]);
        self.attack_outcome.attempts.note(attempt, self.stage.slot(), result);
    }

    fn winner(&self, ballot: &Pubkey) -> Option<u8> {
        let state: Ballot = self.stage.machine.load(ballot);
        let now = self.stage.machine.clock().unix_timestamp;
        bulkhead_core::ballots::ballot::winner(&state, now).ok()
    }
}

//! Both do a move, and have to agree.

use super::*;

impl Twins {
    pub fn send(&mut self, instruction: Instruction, signer: &Keypair) -> Result<Outcome, Failure> {
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
    pub fn step(&mut self, story: &str, signer: &Keypair, action: Move) -> bool {
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

    pub fn compare(&self, story: &str) {
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

//! The instruction of each move, and what has to be there before it is sent.

use super::*;

impl Twins {
    /// Do a plug-in's weights count?
    pub fn is_weighed(&self) -> bool {
        self.state
            .rules
            .is_some_and(|rules| rules.weight_program != Pubkey::default())
    }

    pub fn sync_clock(&mut self) {
        let clock = self.machine.clock();
        self.state.at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
    }

    /// A proposal for the snapshot, as it stands, matures. Proposals are another lockstep's.
    pub fn mature(&mut self, number: usize) -> (ix::Authority, ChooseRestorationArgs) {
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
    pub fn instruction(&mut self, signer: &Pubkey, action: Move) -> Option<Instruction> {
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
    pub fn interim(&self) -> ix::InterimKeys {
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
    pub fn claim_interim(&mut self, number: usize) -> Option<Instruction> {
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
    pub fn prepare_claims(&mut self) {
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
}

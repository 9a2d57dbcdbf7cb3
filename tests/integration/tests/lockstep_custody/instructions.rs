//! The instruction for an action of the machine.

use super::*;

impl Twins {
    /// The instruction for an action.
    pub(super) fn instruction(&self, signer: Pubkey, action: &Action) -> Instruction {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let (state, vault) = (&self.state, self.protocol.vault);
        let incidents = state.domain.incident_count;
        let release = |number: usize| self.keys.releases[number].0;
        let proposal = |number: &usize| self.proposal(*number);
        let trip = |detector| ix::propagate_trip(domain, payer, detector, number_for_alarm(&state.domain));
        match action {
            Action::OpenIncident => ix::open_incident(domain, signer, payer, incidents),
            Action::Confirm => ix::confirm_incident(domain, signer, self.latest()),
            Action::Lapse => ix::close_lapsed_incident(domain, self.latest()),
            Action::Propagate(_) => trip(vault.breaker),
            Action::Propose(decision) => {
                let index = u64::try_from(state.proposals.len()).expect("few");
                ix::propose(domain, signer, payer, index, encoded(decision, &self.keys))
            }
            Action::Approve(number) => {
                let (record, _) = &state.proposals[*number];
                let (hash, slot) = (record.payload_hash, record.created_slot);
                ix::approve(domain, signer, proposal(number), hash, slot)
            }
            Action::Execute(number) => self.execution(*number),
            Action::Custody(action) => match *action {
                Do::Release(_, token, amount) => {
                    let index = state.custody.releases.len() as u64;
                    ix::release(vault, signer, payer, self.token(token), amount, index)
                }
                Do::ReleaseAgain(_, token, amount) => ix::release(vault, signer, payer, self.token(token), amount, 0),
                Do::Settle(number, token) => ix::settle_release(vault, self.token(token), release(number)),
                Do::Redirect(number, token) => {
                    ix::redirect_release(signer, vault.vault, release(number), self.token(token))
                }
                Do::Cancel(number) => ix::cancel_release(domain, signer, self.latest(), vault.vault, release(number)),
                Do::CancelListed(number) => ix::cancel_listed_release(vault.vault, release(number), vec![]),
                Do::ConfirmEvacuation => ix::confirm_evacuation(domain, signer, payer, self.latest()),
                Do::Evacuate(_, token) => ix::evacuate(vault, self.latest(), self.token(token)),
                Do::ObserveEvacuationRoute(_) => {
                    ix::observe_evacuation_route(domain, vault.vault, state.custody.vaults[0].1.route)
                }
                Do::PropagateEvacuationRoute(_) => trip(vault.vault),
                Do::ReleaseOf(..) | Do::Receive(..) => unreachable!("the small scope's only"),
                Do::Deposit(..) | Do::Reown(..) | Do::Freeze(..) => unreachable!("no instruction of Bulkhead's"),
            },
            _ => unreachable!("lockstep"),
        }
    }

    fn execution(&self, number: usize) -> Instruction {
        let authority = ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal(number)),
        };
        match self.state.proposals[number].1.clone() {
            Decision::Resume { incident } => ix::resume(authority, ResumeArgs { incident }),
            Decision::Reopen(how) => {
                let args = ReopenArgs {
                    incident: how.incident,
                    ramp_bps: how.ramp_bps,
                    grace_seconds: how.grace_seconds,
                };
                ix::reopen(authority, args)
            }
            Decision::RegisterEvacuationRoute(_, _, [vault, destination]) => {
                ix::register_evacuation_route(authority, RegisterEvacuationRouteArgs { vault, destination })
            }
            Decision::CancelRelease(_, vault, root) => {
                ix::cancel_releases(authority, CancelReleasesArgs { vault, root })
            }
            _ => unreachable!("lockstep"),
        }
    }
}

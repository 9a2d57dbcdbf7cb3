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
                Do::Cancel(number) => {
                    let cancel = ix::cancel_release(domain, signer, self.latest(), vault.vault, release(number));
                    ix::with_queue(cancel, self.ledger())
                }
                Do::CancelListed(number) => {
                    let cancel = ix::cancel_listed_release(vault.vault, release(number), vec![]);
                    ix::with_queue(cancel, self.ledger())
                }
                Do::SetCancelList(number) => {
                    let (key, record) = state.custody.releases[number];
                    let root = release_list::leaf(&key, record.requested_slot);
                    ix::set_cancel_list(domain, (signer, payer), self.latest(), vault.vault, root)
                }
                Do::CancelListedBy(number, guardian) => {
                    let mut lists = state.custody.lists.iter().rev();
                    let list = lists.find(|((_, whose), _)| *whose == guardian);
                    let incident = list.map_or(self.latest(), |((incident, _), _)| *incident);
                    let cancel =
                        ix::cancel_release_listed_by(&guardian, incident, vault.vault, release(number), vec![]);
                    ix::with_queue(cancel, self.ledger())
                }
                Do::TakeBack(number) => ix::take_back_release(signer, vault.vault, release(number), payer),
                Do::Requeue(number) => {
                    let requeue = ix::requeue_release(
                        &domain,
                        vault.vault,
                        state.custody.vaults[0].1.evacuation.incident,
                        release(number),
                    );
                    ix::with_queue(requeue, self.ledger())
                }
                Do::Close(number) => ix::with_queue(ix::close_release(release(number), payer), self.ledger()),
                Do::ConfirmEvacuation => ix::confirm_evacuation(domain, signer, payer, self.latest()),
                Do::Evacuate(_, token) => {
                    ix::with_queue(ix::evacuate(vault, self.latest(), self.token(token)), self.ledger())
                }
                Do::ObserveEvacuationRoute(_) => {
                    ix::observe_evacuation_route(domain, vault.vault, state.custody.vaults[0].1.route)
                }
                Do::PropagateEvacuationRoute(_) => trip(vault.vault),
                Do::ReleaseOf(..) | Do::Receive(..) | Do::RestoreQueue(..) => unreachable!("the small scope's only"),
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

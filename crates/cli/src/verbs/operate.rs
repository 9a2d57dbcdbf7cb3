//! The verbs that operate a domain: from its status to its evacuation.

use clap::Subcommand;

use super::{
    breaker::{self, BreakerCommand},
    emergency::{self, EmergencyCommand},
    evacuate::{self, EvacuateCommand},
    incident::{self, IncidentCommand},
    link::{self, LinkCommand},
    mask::{self, Mask},
    members::{self, CouncilCommand, DomainCommand, Heartbeat},
    observe::{self, WatchCommand},
    pause::{self, Confirm, Pause},
    peer::{self, PeerCommand},
    proposals::{self, Execute, Veto, Withdraw},
    propose::{self, ProposeCommand, Reopen, Resume},
    release::{self, ReleaseCommand},
    route::{self, RouteCommand},
    status::{self, Status},
    trip::{self, Trip},
    upgrade::{self, UpgradeCommand},
    vault::{self, VaultCommand},
};
use crate::{
    context::Context,
    proposal::{self, Approve, ProposalCommand},
};

/// The verbs, in the order of an incident.
#[derive(Subcommand)]
pub enum Operate {
    /// What is closed and until when, what the breakers have left, what comes next and who has to do it
    Status(Status),
    /// Close actions at once, as one guardian
    Pause(Pause),
    /// Confirm the incident, as one guardian; enough confirmations freeze the domain
    Confirm(Confirm),
    /// Show an incident, raise the alarm, or close an incident that lapsed
    Incident(IncidentCommand),
    /// Ask which actions of a compartment are closed
    Mask(Mask),
    /// Bring what detectors have found to the pause board
    Trip(Trip),
    /// Run an instruction of the host that governance has registered for emergencies
    Emergency(EmergencyCommand),
    /// Outflow breakers: what they have left; lower their limits at once
    Breaker(BreakerCommand),
    /// Look at a price, at reserves, at an authority or at an evacuation route
    Watch(WatchCommand),
    /// Links to the domains that this one depends on
    Link(LinkCommand),
    /// Domains on other chains that this one hears
    Peer(PeerCommand),
    /// Custody vaults, and deposits into them
    Vault(VaultCommand),
    /// Releases: what a vault pays, and what waits in its queue
    Release(ReleaseCommand),
    /// Evacuation routes: where the vaults would be evacuated to
    Route(RouteCommand),
    /// Move custody to its evacuation routes
    Evacuate(EvacuateCommand),
    /// Programs of the host whose upgrade authority the domain holds
    Upgrade(UpgradeCommand),
    /// Propose a decision of any kind
    Propose(ProposeCommand),
    /// Show, list, approve, edit and close proposals
    Proposal(ProposalCommand),
    /// Show a proposal, ask for confirmation, and approve exactly that proposal
    Approve(Approve),
    /// Withdraw an approval
    WithdrawApproval(Withdraw),
    /// Stop a proposal, as one vetoer
    Veto(Veto),
    /// Execute a proposal whose time has come
    Execute(Execute),
    /// Take the next step towards unpausing an incident that needs no restoration
    Resume(Resume),
    /// Take the next step towards reopening
    Reopen(Reopen),
    /// Show the council
    Council(CouncilCommand),
    /// Show that a member is still active
    Heartbeat(Heartbeat),
    /// End the set-up of a domain, or close what is over
    Domain(DomainCommand),
}

/// Runs a verb.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(verb: &Operate, context: &Context) -> anyhow::Result<()> {
    match verb {
        Operate::Status(status) => status::run(status, context).await,
        Operate::Pause(pause) => pause::pause(pause, context).await,
        Operate::Confirm(confirm) => pause::confirm(confirm, context).await,
        Operate::Incident(incident) => incident::run(incident, context).await,
        Operate::Mask(mask) => mask::run(mask, context).await,
        Operate::Trip(trip) => trip::run(trip, context).await,
        Operate::Emergency(emergency) => emergency::run(emergency, context).await,
        Operate::Breaker(breaker) => breaker::run(breaker, context).await,
        Operate::Watch(watch) => observe::run(watch, context).await,
        Operate::Link(link) => link::run(link, context).await,
        Operate::Peer(peer) => peer::run(peer, context).await,
        Operate::Vault(vault) => vault::run(vault, context).await,
        Operate::Release(release) => release::run(release, context).await,
        Operate::Route(route) => route::run(route, context).await,
        Operate::Evacuate(evacuate) => evacuate::run(evacuate, context).await,
        Operate::Upgrade(upgrade) => upgrade::run(upgrade, context).await,
        Operate::Propose(propose) => propose::run(propose, context).await,
        Operate::Proposal(proposal) => proposal::run(proposal, context).await,
        Operate::Approve(approve) => proposal::approve(approve, context).await,
        Operate::WithdrawApproval(withdraw) => proposals::withdraw(withdraw, context).await,
        Operate::Veto(veto) => proposals::veto(veto, context).await,
        Operate::Execute(execute) => proposals::execute(execute, context).await,
        Operate::Resume(resume) => propose::resume(resume, context).await,
        Operate::Reopen(reopen) => propose::reopen(reopen, context).await,
        Operate::Council(council) => members::council(council, context).await,
        Operate::Heartbeat(heartbeat) => members::heartbeat(heartbeat, context).await,
        Operate::Domain(domain) => members::domain(domain, context).await,
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What is said of domains on other chains: their terms, what they said, errors and events
interface IPeers {
    /// The terms of a peer.
    struct PeerTerms {
        /// Its chain, in Wormhole's numbers.
        uint16 chain;
        /// Who emits its messages there.
        bytes32 emitter;
        /// The domain that its messages are about.
        bytes32 sender;
        /// Bits: how its messages may arrive; 0 hears nothing more.
        uint8 transports;
        /// Consistency level of every message, and another one that suffices for a pause.
        uint8 finality;
        uint8 pauseFinality;
        /// What of the sender counts besides its whole domain: a compartment, or 255 for nothing else.
        uint8 remoteScope;
        /// Actions whose closing by the sender counts.
        uint32 remoteMask;
        /// Compartments that a pause closes here, one bit per number, and its actions, or 0 for the default.
        uint64 compartments;
        uint32 mask;
        /// Pauses that the peer may cause until its terms are set again.
        uint8 pauseRights;
        /// How long a message is accepted.
        uint32 maxAgeSeconds;
        /// How long a rotation of the attesters by themselves waits; 0 without attesters.
        uint32 rotationSeconds;
        /// Numbers up to this one are refused, and what was received is forgotten. The largest number keeps both.
        uint64 afterSequence;
        uint8 threshold;
        address[] attesters;
    }

    /// What a peer said.
    struct Heard {
        uint64 afterSequence;
        uint64 epoch;
        uint64 pauseEpoch;
        uint64 requestEpoch;
        uint64 requestCouncilEpoch;
        uint64 requestTs;
        uint64 councilEpoch;
        bytes32 councilHash;
    }

    struct Checkpoint {
        uint64 slot;
        uint64 sentTs;
        uint64 count;
        uint128 total;
        bytes32 slotHash;
        bytes32 root;
    }

    /// The bytes are no message: too short, too long, of an unknown kind, or with a field that says nothing.
    error MessageMalformed();
    /// The message has a version that this code does not know.
    error MessageVersionUnknown();
    /// The message comes from another chain, emitter or domain than the peer's.
    error ForeignSender();
    /// The message was accepted before, or its number is too low.
    error MessageSeen();
    /// The message was sent too long ago, or the pause it reports has ended.
    error MessageExpired();
    /// The peer has said something newer.
    error MessageOvertaken();
    error TransportNotRegistered();
    error InvalidPeer();
    /// A later proposal has already decided this.
    error DecidedSince();
    /// A set has 1 to 12 different keys in ascending order, and needs signatures of more than half of them.
    error InvalidAttesterSet();
    /// Fewer attesters signed than the set needs.
    error AttestationsTooFew();
    /// A signature is not canonical, is not in the order of the keys, or is not by the key that it names.
    error InvalidAttestation();
    error RotationPending();
    error NoRotationPending();
    error RotationStopped();
    /// Attesters do not lower their own threshold, nor exchange more than one key at a time.
    error RotationTooWide();
    /// The core bridge did not verify the message.
    error NotVerifiedByBridge(string reason);
    error WrongFinality();
    /// The peer has paused nothing that is covered.
    error NothingToPropagate();
    /// The compartments are already closed at least as far and as long.
    error AlreadyPropagated();

    event PeerRegistered(uint16 indexed chain, bytes32 indexed emitter, uint64 setEpoch);
    event MessageAccepted(
        uint16 indexed chain,
        bytes32 indexed emitter,
        uint64 indexed sequence,
        uint8 kind,
        uint64 epoch
    );
    event ResumeRequested(uint16 indexed chain, bytes32 indexed emitter, uint64 epoch);
    event CheckpointRecorded(uint16 indexed chain, bytes32 indexed emitter, uint8 ledger, uint64 slot, bytes32 root);
    event RotationAnnounced(
        uint16 indexed chain,
        bytes32 indexed emitter,
        uint8 threshold,
        address[] keys,
        uint40 from
    );
    event RotationCancelled(uint16 indexed chain, bytes32 indexed emitter, address guardian);
}

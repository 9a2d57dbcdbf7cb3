// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Attesters} from "./Attesters.sol";
import {IPeers} from "./IPeers.sol";
import {IWormhole} from "./IWormhole.sol";
import {Messages} from "./Messages.sol";
import {Rights} from "./Rights.sol";

/// @title What messages do, by either transport, and how attesters follow each other
/// @notice A library that is deployed once and linked, because a chain limits a contract to 24,576 bytes. It runs on
/// the storage of the contract that calls it, has none of its own, and calls nothing but the core bridge that it is
/// given. It touches no board: what a message closes goes back to the contract.
library Hearing {
    using Rights for Rights.Budget;
    using Attesters for Attesters.Set;

    uint8 internal constant WORMHOLE = 1;
    uint8 internal constant ATTESTERS = 2;
    uint256 internal constant MIN_MESSAGE_AGE = 10 minutes;
    uint256 internal constant MAX_MESSAGE_AGE = 72 hours;
    uint256 internal constant MIN_ROTATION = 1 days;
    uint256 internal constant MAX_ROTATION = 90 days;
    // `afterSequence` that keeps what was received.
    uint64 internal constant KEEP_RECEIVED = type(uint64).max;

    struct Peer {
        IPeers.PeerTerms terms;
        uint48 decidedTick;
        IPeers.Heard heard;
        Rights.Budget budget;
        Attesters.Set attesters;
        Attesters.Set next;
        uint40 nextFromTs;
        bool rotationStopped;
        mapping(uint256 word => uint256) seen;
        mapping(uint8 ledger => uint64) newestSlot;
        mapping(uint8 ledger => mapping(uint64 slot => IPeers.Checkpoint)) checkpoints;
    }

    /// What the receiver is, and how long and how often anybody may pause there.
    struct Here {
        uint16 chain;
        IWormhole wormhole;
        Rights.Limits limits;
        uint32 defaultMask;
    }

    /// What a message closes; no compartments if it closes nothing.
    struct Closing {
        uint64 compartments;
        uint32 mask;
        uint40 until;
    }

    // ---- Transports ----

    /// @notice Takes a message that Wormhole's guardians signed.
    function byWormhole(
        mapping(bytes32 key => Peer) storage peers,
        Here memory here,
        bytes calldata encoded
    ) external returns (Closing memory) {
        if (address(here.wormhole) == address(0)) revert IPeers.TransportNotRegistered();
        (IWormhole.VM memory vm, bool isValid, string memory reason) = here.wormhole.parseAndVerifyVM(encoded);
        if (!isValid) revert IPeers.NotVerifiedByBridge(reason);
        Messages.Message memory message = Messages.decode(vm.payload);
        Peer storage peer = peers[keyOf(vm.emitterChainId, vm.emitterAddress)];
        _requireTransport(peer, WORMHOLE);
        bool isFinal = vm.consistencyLevel == peer.terms.finality;
        bool isEarlyPause = message.kind == Messages.PAUSE && vm.consistencyLevel == peer.terms.pauseFinality;
        if (!isFinal && !isEarlyPause) revert IPeers.WrongFinality();
        return _accept(peer, here, vm.emitterChainId, vm.emitterAddress, message);
    }

    /// @notice Takes a message that enough of the peer's attesters signed.
    function byAttesters(
        mapping(bytes32 key => Peer) storage peers,
        Here memory here,
        uint16 chain,
        bytes32 emitter,
        bytes calldata payload,
        bytes calldata signatures
    ) external returns (Closing memory) {
        Peer storage peer = peers[keyOf(chain, emitter)];
        _requireTransport(peer, ATTESTERS);
        _settle(peer);
        bytes32 digest = Attesters.attestationDigest(peer.attesters.epoch, chain, emitter, payload);
        peer.attesters.verify(digest, signatures);
        return _accept(peer, here, chain, emitter, Messages.decode(payload));
    }

    function _requireTransport(Peer storage peer, uint8 transport) private view {
        if (peer.terms.chain == 0) revert IPeers.ForeignSender();
        if (peer.terms.transports & transport == 0) revert IPeers.TransportNotRegistered();
    }

    // ---- What a message does ----

    function _accept(
        Peer storage peer,
        Here memory here,
        uint16 chain,
        bytes32 emitter,
        Messages.Message memory message
    ) private returns (Closing memory closing) {
        if (message.chain != chain || message.sender != peer.terms.sender) revert IPeers.ForeignSender();
        // A sender's clock may be ahead: what it sends is young until our clock says otherwise.
        if (block.timestamp > uint256(message.sentTs) + peer.terms.maxAgeSeconds) revert IPeers.MessageExpired();
        if (isSeen(peer, message.sequence)) revert IPeers.MessageSeen();
        peer.seen[message.sequence >> 8] |= 1 << (message.sequence & 255);
        IPeers.Heard storage said = peer.heard;
        if (message.kind == Messages.PAUSE) {
            closing = _close(peer, here, message);
            if (message.epoch > said.pauseEpoch) said.pauseEpoch = message.epoch;
            if (said.requestEpoch <= message.epoch) _withdrawRequest(said);
        } else if (message.kind == Messages.RESUME_REQUEST) {
            bool isNewest = message.epoch > said.pauseEpoch && message.epoch > said.requestEpoch;
            if (!isNewest || message.councilEpoch < said.councilEpoch) revert IPeers.MessageOvertaken();
            (said.requestEpoch, said.requestCouncilEpoch) = (message.epoch, message.councilEpoch);
            said.requestTs = message.sentTs;
            emit IPeers.ResumeRequested(chain, emitter, message.epoch);
        } else if (message.kind == Messages.CHECKPOINT) {
            if (message.slot <= peer.newestSlot[message.ledger]) revert IPeers.MessageOvertaken();
            peer.newestSlot[message.ledger] = message.slot;
            peer.checkpoints[message.ledger][message.slot] = IPeers.Checkpoint({
                slot: message.slot,
                sentTs: message.sentTs,
                count: message.count,
                total: message.total,
                slotHash: message.slotHash,
                root: message.root
            });
            emit IPeers.CheckpointRecorded(chain, emitter, message.ledger, message.slot, message.root);
        } else {
            if (message.councilEpoch <= said.councilEpoch) revert IPeers.MessageOvertaken();
            (said.councilEpoch, said.councilHash) = (message.councilEpoch, message.councilHash);
            if (said.requestCouncilEpoch < message.councilEpoch) _withdrawRequest(said);
        }
        if (message.epoch > said.epoch) said.epoch = message.epoch;
        emit IPeers.MessageAccepted(chain, emitter, message.sequence, message.kind, message.epoch);
    }

    /// What the peer covers, for no longer than a guardian's pause. Spends one of the peer's rights.
    function _close(
        Peer storage peer,
        Here memory here,
        Messages.Message memory message
    ) private returns (Closing memory closing) {
        IPeers.PeerTerms storage terms = peer.terms;
        bool counts = message.scope == Messages.SCOPE_DOMAIN || message.scope == terms.remoteScope;
        if (!counts || message.mask & terms.remoteMask == 0 || terms.compartments == 0) {
            revert IPeers.NothingToPropagate();
        }
        uint256 until = block.timestamp + here.limits.pauseSeconds;
        if (message.until != 0 && message.until < until) until = message.until;
        if (until <= block.timestamp) revert IPeers.MessageExpired();
        peer.budget.spend(here.limits);
        closing.compartments = terms.compartments;
        closing.mask = terms.mask == 0 ? here.defaultMask : terms.mask;
        closing.until = uint40(until);
    }

    function _withdrawRequest(IPeers.Heard storage said) private {
        (said.requestEpoch, said.requestCouncilEpoch, said.requestTs) = (0, 0, 0);
    }

    function isSeen(Peer storage peer, uint64 sequence) internal view returns (bool) {
        return sequence <= peer.heard.afterSequence || (peer.seen[sequence >> 8] >> (sequence & 255)) & 1 != 0;
    }

    // ---- Attesters ----

    /// @notice Announces the attesters that follow, signed by enough of those in force. The old set stays in force
    /// until the peer's time has passed, and one guardian stops the rotation.
    function announceRotation(
        mapping(bytes32 key => Peer) storage peers,
        uint16 receiverChain,
        Attesters.Rotation memory rotation,
        bytes calldata signatures
    ) external {
        Peer storage peer = peers[keyOf(rotation.chain, rotation.emitter)];
        _requireTransport(peer, ATTESTERS);
        _settle(peer);
        if (peer.rotationStopped) revert IPeers.RotationStopped();
        if (peer.next.keys.length != 0) revert IPeers.RotationPending();
        Attesters.check(rotation.threshold, rotation.keys);
        rotation.receiverChain = receiverChain;
        // A library runs at its caller's address.
        rotation.receiver = bytes32(uint256(uint160(address(this))));
        rotation.setEpoch = peer.attesters.epoch;
        peer.attesters.verify(Attesters.rotationDigest(rotation), signatures);
        _requireNarrow(peer, rotation.threshold, rotation.keys);
        peer.next.epoch = rotation.setEpoch + 1;
        peer.next.threshold = rotation.threshold;
        peer.next.keys = rotation.keys;
        uint40 from = uint40(block.timestamp + peer.terms.rotationSeconds);
        peer.nextFromTs = from;
        emit IPeers.RotationAnnounced(rotation.chain, rotation.emitter, rotation.threshold, rotation.keys, from);
    }

    /// @notice A guardian stops a rotation that waits. It costs no right: it happens once, for then the attesters do not
    /// rotate by themselves until a proposal sets the peer again.
    function stopRotation(mapping(bytes32 key => Peer) storage peers, uint16 chain, bytes32 emitter) external {
        Peer storage peer = peers[keyOf(chain, emitter)];
        _settle(peer);
        if (peer.next.keys.length == 0) revert IPeers.NoRotationPending();
        _endRotation(peer);
        peer.rotationStopped = true;
        emit IPeers.RotationCancelled(chain, emitter, msg.sender);
    }

    function isSettled(Peer storage peer) internal view returns (bool) {
        return peer.next.keys.length != 0 && block.timestamp >= peer.nextFromTs;
    }

    function _settle(Peer storage peer) private {
        if (!isSettled(peer)) return;
        peer.attesters = peer.next;
        _endRotation(peer);
    }

    function _endRotation(Peer storage peer) private {
        delete peer.next;
        peer.nextFromTs = 0;
    }

    /// At most one key goes and one comes, and the threshold does not fall. Both sets ascend.
    function _requireNarrow(Peer storage peer, uint8 threshold, address[] memory next) private view {
        address[] memory old = peer.attesters.keys;
        uint256 gone = 0;
        uint256 i = 0;
        uint256 j = 0;
        while (i < old.length && j < next.length) {
            if (old[i] == next[j]) j++;
            else if (old[i] < next[j]) gone++;
            else {
                j++;
                continue;
            }
            i++;
        }
        gone += old.length - i;
        uint256 come = next.length + gone - old.length;
        if (threshold < peer.attesters.threshold || gone > 1 || come > 1) revert IPeers.RotationTooWide();
    }

    // ---- Terms ----

    /// @notice Reverts unless `args` are terms that a peer could have here.
    function check(Here memory here, bytes calldata args) external pure {
        _check(here, abi.decode(args, (IPeers.PeerTerms)));
    }

    /// @notice Sets the terms of a peer, by a proposal of `tick`. Attesters that are the same keep their epoch, unless a
    /// rotation was announced or stopped: what was signed for it must not be good again. The later of two decisions
    /// holds.
    function register(
        mapping(bytes32 key => Peer) storage peers,
        Here memory here,
        bytes calldata args,
        uint48 tick
    ) external {
        IPeers.PeerTerms memory terms = abi.decode(args, (IPeers.PeerTerms));
        _check(here, terms);
        Peer storage peer = peers[keyOf(terms.chain, terms.emitter)];
        if (tick <= peer.decidedTick) revert IPeers.DecidedSince();
        peer.decidedTick = tick;
        bool isSame = peer.attesters.threshold == terms.threshold && _isSame(peer.attesters.keys, terms.attesters);
        if (!isSame || peer.next.keys.length != 0 || peer.rotationStopped) {
            uint64 newest = peer.next.epoch > peer.attesters.epoch ? peer.next.epoch : peer.attesters.epoch;
            (peer.attesters.epoch, peer.attesters.threshold) = (newest + 1, terms.threshold);
            peer.attesters.keys = terms.attesters;
        }
        _endRotation(peer);
        peer.rotationStopped = false;
        peer.budget.left = terms.pauseRights;
        if (terms.afterSequence != KEEP_RECEIVED) {
            delete peer.heard;
            peer.heard.afterSequence = terms.afterSequence;
        }
        peer.terms = terms;
        emit IPeers.PeerRegistered(terms.chain, terms.emitter, peer.attesters.epoch);
    }

    function _check(Here memory here, IPeers.PeerTerms memory terms) private pure {
        bool isByWormhole = terms.transports & WORMHOLE != 0;
        bool isSound = terms.chain != 0 && terms.chain != here.chain && terms.emitter != 0 && terms.sender != 0;
        isSound = isSound && terms.transports <= WORMHOLE + ATTESTERS;
        isSound = isSound && (!isByWormhole || address(here.wormhole) != address(0));
        isSound = isSound && Messages.isScope(terms.remoteScope) && terms.remoteMask != 0;
        isSound = isSound && terms.maxAgeSeconds >= MIN_MESSAGE_AGE && terms.maxAgeSeconds <= MAX_MESSAGE_AGE;
        if (terms.transports & ATTESTERS != 0) {
            Attesters.check(terms.threshold, terms.attesters);
            isSound = isSound && terms.rotationSeconds >= MIN_ROTATION && terms.rotationSeconds <= MAX_ROTATION;
        } else {
            isSound = isSound && terms.threshold == 0 && terms.attesters.length == 0 && terms.rotationSeconds == 0;
        }
        if (!isSound) revert IPeers.InvalidPeer();
    }

    function _isSame(address[] storage old, address[] memory next) private view returns (bool) {
        if (old.length != next.length) return false;
        for (uint256 i = 0; i < next.length; i++) if (old[i] != next[i]) return false;
        return true;
    }

    function keyOf(uint16 chain, bytes32 emitter) internal pure returns (bytes32) {
        return keccak256(abi.encode(chain, emitter));
    }
}

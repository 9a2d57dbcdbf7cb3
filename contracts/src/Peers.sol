// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Attesters} from "./Attesters.sol";
import {Council} from "./Council.sol";
import {IWormhole} from "./IWormhole.sol";
import {Messages} from "./Messages.sol";
import {Rights} from "./Rights.sol";

/// @title Domains on other chains: what their messages close here, and what they said last
/// @notice One inner `_accept`, and a thin entry for each transport. A message closes something or is recorded; it opens
/// nothing. Anyone may carry it, in any order: it acts once, while it is young, and a pause is never refused because
/// something else arrived first.
abstract contract Peers is Council {
    using Rights for Rights.Budget;
    using Attesters for Attesters.Set;

    uint8 internal constant WORMHOLE = 1;
    uint8 internal constant ATTESTERS = 2;
    uint256 internal constant MIN_MESSAGE_AGE = 10 minutes;
    uint256 internal constant MAX_MESSAGE_AGE = MAX_PAUSE;
    uint256 internal constant MIN_ROTATION = 1 days;
    // `afterSequence` that keeps what was received.
    uint64 internal constant KEEP_RECEIVED = type(uint64).max;

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

    struct Peer {
        PeerTerms terms;
        uint48 decidedTick;
        Heard heard;
        Rights.Budget budget;
        Attesters.Set attesters;
        Attesters.Set next;
        uint40 nextFromTs;
        bool rotationStopped;
        mapping(uint256 word => uint256) seen;
        mapping(uint8 ledger => uint64) newestSlot;
        mapping(uint8 ledger => mapping(uint64 slot => Checkpoint)) checkpoints;
    }

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
    event MessageAccepted(uint16 indexed chain, bytes32 indexed emitter, uint64 indexed sequence, uint8 kind, uint64 epoch);
    event ResumeRequested(uint16 indexed chain, bytes32 indexed emitter, uint64 epoch);
    event CheckpointRecorded(uint16 indexed chain, bytes32 indexed emitter, uint8 ledger, uint64 slot, bytes32 root);
    event RotationAnnounced(uint16 indexed chain, bytes32 indexed emitter, uint8 threshold, address[] keys, uint40 from);
    event RotationCancelled(uint16 indexed chain, bytes32 indexed emitter, address guardian);

    /// This chain, in Wormhole's numbers.
    uint16 public immutable chain;
    /// Wormhole's core bridge here, or zero.
    IWormhole public immutable wormhole;
    mapping(bytes32 key => Peer) internal _peers;

    constructor(uint16 chain_, IWormhole wormhole_) {
        if (chain_ == 0) revert InvalidPeer();
        chain = chain_;
        wormhole = wormhole_;
    }

    // ---- What is there ----

    function peerTerms(uint16 chain_, bytes32 emitter) external view returns (PeerTerms memory) {
        return _peers[_key(chain_, emitter)].terms;
    }

    function heard(uint16 chain_, bytes32 emitter) external view returns (Heard memory) {
        return _peers[_key(chain_, emitter)].heard;
    }

    function peerBudget(uint16 chain_, bytes32 emitter) external view returns (Rights.Budget memory) {
        return _peers[_key(chain_, emitter)].budget;
    }

    /// @notice The attesters in force.
    function attesters(uint16 chain_, bytes32 emitter) external view returns (Attesters.Set memory) {
        Peer storage peer = _peers[_key(chain_, emitter)];
        return _isSettled(peer) ? peer.next : peer.attesters;
    }

    function pendingRotation(
        uint16 chain_,
        bytes32 emitter
    ) external view returns (Attesters.Set memory next, uint40 from) {
        Peer storage peer = _peers[_key(chain_, emitter)];
        if (peer.next.keys.length != 0 && !_isSettled(peer)) (next, from) = (peer.next, peer.nextFromTs);
    }

    function isSeen(uint16 chain_, bytes32 emitter, uint64 sequence) external view returns (bool) {
        return _isSeen(_peers[_key(chain_, emitter)], sequence);
    }

    function _isSeen(Peer storage peer, uint64 sequence) private view returns (bool) {
        return sequence <= peer.heard.afterSequence || (peer.seen[sequence >> 8] >> (sequence & 255)) & 1 != 0;
    }

    /// @notice A checkpoint of a peer's ledger, or the newest one for slot 0.
    function checkpoint(
        uint16 chain_,
        bytes32 emitter,
        uint8 ledger,
        uint64 slot
    ) external view returns (Checkpoint memory) {
        Peer storage peer = _peers[_key(chain_, emitter)];
        return peer.checkpoints[ledger][slot == 0 ? peer.newestSlot[ledger] : slot];
    }

    // ---- Transports ----

    /// @notice Takes a message that Wormhole's guardians signed.
    function receiveWormhole(bytes calldata encoded) external {
        if (address(wormhole) == address(0)) revert TransportNotRegistered();
        (IWormhole.VM memory vm, bool isValid, string memory reason) = wormhole.parseAndVerifyVM(encoded);
        if (!isValid) revert NotVerifiedByBridge(reason);
        Messages.Message memory message = Messages.decode(vm.payload);
        Peer storage peer = _peers[_key(vm.emitterChainId, vm.emitterAddress)];
        bool isFinal = vm.consistencyLevel == peer.terms.finality;
        bool isEarlyPause = message.kind == Messages.PAUSE && vm.consistencyLevel == peer.terms.pauseFinality;
        _requireTransport(peer, WORMHOLE);
        if (!isFinal && !isEarlyPause) revert WrongFinality();
        _accept(peer, vm.emitterChainId, vm.emitterAddress, message);
    }

    /// @notice Takes a message that enough of the peer's attesters signed.
    function receiveAttested(
        uint16 chain_,
        bytes32 emitter,
        bytes calldata payload,
        bytes calldata signatures
    ) external {
        Peer storage peer = _peers[_key(chain_, emitter)];
        _requireTransport(peer, ATTESTERS);
        _settle(peer);
        bytes32 digest = Attesters.attestationDigest(peer.attesters.epoch, chain_, emitter, payload);
        peer.attesters.verify(digest, signatures);
        _accept(peer, chain_, emitter, Messages.decode(payload));
    }

    function _requireTransport(Peer storage peer, uint8 transport) private view {
        if (peer.terms.chain == 0) revert ForeignSender();
        if (peer.terms.transports & transport == 0) revert TransportNotRegistered();
    }

    // ---- What a message does ----

    function _accept(Peer storage peer, uint16 chain_, bytes32 emitter, Messages.Message memory message) private {
        PeerTerms storage terms = peer.terms;
        if (message.chain != chain_ || message.sender != terms.sender) revert ForeignSender();
        // A sender's clock may be ahead: what it sends is young until our clock says otherwise.
        if (block.timestamp > uint256(message.sentTs) + terms.maxAgeSeconds) revert MessageExpired();
        if (_isSeen(peer, message.sequence)) revert MessageSeen();
        peer.seen[message.sequence >> 8] |= 1 << (message.sequence & 255);
        Heard storage said = peer.heard;
        if (message.kind == Messages.PAUSE) {
            _close(peer, message);
            if (message.epoch > said.pauseEpoch) said.pauseEpoch = message.epoch;
            if (said.requestEpoch <= message.epoch) _withdrawRequest(said);
        } else if (message.kind == Messages.RESUME_REQUEST) {
            bool isNewest = message.epoch > said.pauseEpoch && message.epoch > said.requestEpoch;
            if (!isNewest || message.councilEpoch < said.councilEpoch) revert MessageOvertaken();
            (said.requestEpoch, said.requestCouncilEpoch) = (message.epoch, message.councilEpoch);
            said.requestTs = message.sentTs;
            emit ResumeRequested(chain_, emitter, message.epoch);
        } else if (message.kind == Messages.CHECKPOINT) {
            if (message.slot <= peer.newestSlot[message.ledger]) revert MessageOvertaken();
            peer.newestSlot[message.ledger] = message.slot;
            peer.checkpoints[message.ledger][message.slot] = Checkpoint({
                slot: message.slot,
                sentTs: message.sentTs,
                count: message.count,
                total: message.total,
                slotHash: message.slotHash,
                root: message.root
            });
            emit CheckpointRecorded(chain_, emitter, message.ledger, message.slot, message.root);
        } else {
            if (message.councilEpoch <= said.councilEpoch) revert MessageOvertaken();
            (said.councilEpoch, said.councilHash) = (message.councilEpoch, message.councilHash);
            if (said.requestCouncilEpoch < message.councilEpoch) _withdrawRequest(said);
        }
        if (message.epoch > said.epoch) said.epoch = message.epoch;
        emit MessageAccepted(chain_, emitter, message.sequence, message.kind, message.epoch);
    }

    /// Closes what the peer covers, for no longer than a guardian's pause, and spends one of the peer's rights.
    function _close(Peer storage peer, Messages.Message memory message) private {
        PeerTerms storage terms = peer.terms;
        bool counts = message.scope == Messages.SCOPE_DOMAIN || message.scope == terms.remoteScope;
        if (!counts || message.mask & terms.remoteMask == 0 || terms.compartments == 0) revert NothingToPropagate();
        uint256 until = block.timestamp + rules.pauseSeconds;
        if (message.until != 0 && message.until < until) until = message.until;
        if (until <= block.timestamp) revert MessageExpired();
        peer.budget.spend(_limits());
        uint32 mask = terms.mask == 0 ? rules.defaultMask : terms.mask;
        if (!_link(terms.compartments, mask, uint40(until))) revert AlreadyPropagated();
    }

    function _withdrawRequest(Heard storage said) private {
        (said.requestEpoch, said.requestCouncilEpoch, said.requestTs) = (0, 0, 0);
    }

    // ---- Attesters ----

    /// @notice Announces the attesters that follow, signed by enough of those in force. The old set stays in force
    /// until the peer's time has passed, and one guardian stops the rotation.
    function announceRotation(
        uint16 chain_,
        bytes32 emitter,
        uint8 threshold,
        address[] calldata keys,
        bytes calldata signatures
    ) external {
        Peer storage peer = _peers[_key(chain_, emitter)];
        _requireTransport(peer, ATTESTERS);
        _settle(peer);
        if (peer.rotationStopped) revert RotationStopped();
        if (peer.next.keys.length != 0) revert RotationPending();
        Attesters.check(threshold, keys);
        peer.attesters.verify(_rotationDigest(peer, threshold, keys), signatures);
        _requireNarrow(peer, threshold, keys);
        peer.next.epoch = peer.attesters.epoch + 1;
        peer.next.threshold = threshold;
        peer.next.keys = keys;
        peer.nextFromTs = uint40(block.timestamp + peer.terms.rotationSeconds);
        emit RotationAnnounced(chain_, emitter, threshold, keys, peer.nextFromTs);
    }

    /// @notice A guardian stops a rotation that waits. It costs no right: it happens once, for then the attesters do not
    /// rotate by themselves until a proposal sets the peer again.
    function stopRotation(uint16 chain_, bytes32 emitter) external onlyRole(GUARDIAN) {
        Peer storage peer = _peers[_key(chain_, emitter)];
        _settle(peer);
        if (peer.next.keys.length == 0) revert NoRotationPending();
        _endRotation(peer);
        peer.rotationStopped = true;
        emit RotationCancelled(chain_, emitter, msg.sender);
    }

    function _isSettled(Peer storage peer) private view returns (bool) {
        return peer.next.keys.length != 0 && block.timestamp >= peer.nextFromTs;
    }

    function _settle(Peer storage peer) private {
        if (!_isSettled(peer)) return;
        peer.attesters = peer.next;
        _endRotation(peer);
    }

    function _endRotation(Peer storage peer) private {
        delete peer.next;
        peer.nextFromTs = 0;
    }

    function _rotationDigest(
        Peer storage peer,
        uint8 threshold,
        address[] calldata keys
    ) private view returns (bytes32) {
        return
            Attesters.rotationDigest(
                Attesters.Rotation({
                    receiverChain: chain,
                    receiver: bytes32(uint256(uint160(address(this)))),
                    chain: peer.terms.chain,
                    emitter: peer.terms.emitter,
                    setEpoch: peer.attesters.epoch,
                    threshold: threshold,
                    keys: keys
                })
            );
    }

    /// At most one key goes and one comes, and the threshold does not fall. Both sets ascend.
    function _requireNarrow(Peer storage peer, uint8 threshold, address[] calldata next) private view {
        address[] storage old = peer.attesters.keys;
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
        if (threshold < peer.attesters.threshold || gone > 1 || come > 1) revert RotationTooWide();
    }

    // ---- Terms ----

    function _checkPeer(PeerTerms memory terms) internal view {
        bool byWormhole = terms.transports & WORMHOLE != 0;
        bool byAttesters = terms.transports & ATTESTERS != 0;
        bool isSound = terms.chain != 0 && terms.chain != chain && terms.emitter != 0 && terms.sender != 0;
        isSound = isSound && terms.transports <= WORMHOLE + ATTESTERS && (!byWormhole || address(wormhole) != address(0));
        isSound = isSound && Messages.isScope(terms.remoteScope) && terms.remoteMask != 0;
        isSound = isSound && terms.maxAgeSeconds >= MIN_MESSAGE_AGE && terms.maxAgeSeconds <= MAX_MESSAGE_AGE;
        if (byAttesters) {
            Attesters.check(terms.threshold, terms.attesters);
            isSound = isSound && terms.rotationSeconds >= MIN_ROTATION && terms.rotationSeconds <= MAX_DELAY;
        } else {
            isSound = isSound && terms.threshold == 0 && terms.attesters.length == 0 && terms.rotationSeconds == 0;
        }
        if (!isSound) revert InvalidPeer();
    }

    /// Attesters that are the same keep their epoch. The later of two decisions holds.
    function _registerPeer(PeerTerms memory terms, uint48 tick) internal {
        _checkPeer(terms);
        Peer storage peer = _peers[_key(terms.chain, terms.emitter)];
        if (tick <= peer.decidedTick) revert DecidedSince();
        peer.decidedTick = tick;
        bool isSame = peer.attesters.threshold == terms.threshold && _isSame(peer.attesters.keys, terms.attesters);
        if (!isSame || peer.next.keys.length != 0) {
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
        emit PeerRegistered(terms.chain, terms.emitter, peer.attesters.epoch);
    }

    function _isSame(address[] storage old, address[] memory next) private view returns (bool) {
        if (old.length != next.length) return false;
        for (uint256 i = 0; i < next.length; i++) if (old[i] != next[i]) return false;
        return true;
    }

    function _key(uint16 chain_, bytes32 emitter) private pure returns (bytes32) {
        return keccak256(abi.encode(chain_, emitter));
    }
}

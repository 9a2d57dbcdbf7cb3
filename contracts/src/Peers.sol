// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Attesters} from "./Attesters.sol";
import {Council} from "./Council.sol";
import {Hearing} from "./Hearing.sol";
import {IPeers} from "./IPeers.sol";
import {IWormhole} from "./IWormhole.sol";
import {Rights} from "./Rights.sol";

/// @title Domains on other chains: what their messages close here, and what they said last
/// @notice A thin entry for each transport; `Hearing` has the rules. A message closes something or is recorded; it opens
/// nothing. Anyone may carry it, in any order: it acts once, while it is young, and a pause is never refused because
/// something else arrived first.
abstract contract Peers is Council, IPeers {
    /// This chain, in Wormhole's numbers.
    uint16 public immutable chain;
    /// Wormhole's core bridge here, or zero.
    IWormhole public immutable wormhole;
    mapping(bytes32 key => Hearing.Peer) internal _peers;

    constructor(uint16 chain_, IWormhole wormhole_) {
        if (chain_ == 0) revert InvalidPeer();
        chain = chain_;
        wormhole = wormhole_;
    }

    // ---- What is there ----

    function peerTerms(uint16 chain_, bytes32 emitter) external view returns (PeerTerms memory) {
        return _peer(chain_, emitter).terms;
    }

    function heard(uint16 chain_, bytes32 emitter) external view returns (Heard memory) {
        return _peer(chain_, emitter).heard;
    }

    function peerBudget(uint16 chain_, bytes32 emitter) external view returns (Rights.Budget memory) {
        return _peer(chain_, emitter).budget;
    }

    /// @notice The attesters in force.
    function attesters(uint16 chain_, bytes32 emitter) external view returns (Attesters.Set memory) {
        Hearing.Peer storage peer = _peer(chain_, emitter);
        return Hearing.isSettled(peer) ? peer.next : peer.attesters;
    }

    function pendingRotation(
        uint16 chain_,
        bytes32 emitter
    ) external view returns (Attesters.Set memory next, uint40 from) {
        Hearing.Peer storage peer = _peer(chain_, emitter);
        if (!Hearing.isSettled(peer)) (next, from) = (peer.next, peer.nextFromTs);
    }

    function isSeen(uint16 chain_, bytes32 emitter, uint64 sequence) external view returns (bool) {
        return Hearing.isSeen(_peer(chain_, emitter), sequence);
    }

    /// @notice A checkpoint of a peer's ledger, or the newest one for slot 0.
    function checkpoint(
        uint16 chain_,
        bytes32 emitter,
        uint8 ledger,
        uint64 slot
    ) external view returns (Checkpoint memory) {
        Hearing.Peer storage peer = _peer(chain_, emitter);
        return peer.checkpoints[ledger][slot == 0 ? peer.newestSlot[ledger] : slot];
    }

    // ---- Transports ----

    /// @notice Takes a message that Wormhole's guardians signed.
    function receiveWormhole(bytes calldata encoded) external {
        _apply(Hearing.byWormhole(_peers, _here(), encoded));
    }

    /// @notice Takes a message that enough of the peer's attesters signed.
    function receiveAttested(
        uint16 chain_,
        bytes32 emitter,
        bytes calldata payload,
        bytes calldata signatures
    ) external {
        _apply(Hearing.byAttesters(_peers, _here(), chain_, emitter, payload, signatures));
    }

    function _apply(Hearing.Closing memory closing) private {
        if (closing.compartments == 0) return;
        if (!_link(closing.compartments, closing.mask, closing.until)) revert AlreadyPropagated();
    }

    // ---- Attesters ----

    /// @notice Announces the attesters that follow, signed by enough of those in force. They take over after the time
    /// in the peer's terms, unless a guardian stops them.
    function announceRotation(
        uint16 chain_,
        bytes32 emitter,
        uint8 threshold,
        address[] calldata keys,
        bytes calldata signatures
    ) external {
        Attesters.Rotation memory rotation;
        (rotation.chain, rotation.emitter, rotation.threshold, rotation.keys) = (chain_, emitter, threshold, keys);
        Hearing.announceRotation(_peers, chain, rotation, signatures);
    }

    /// @notice A guardian stops a rotation that waits, and all of them until a proposal sets the peer again.
    function stopRotation(uint16 chain_, bytes32 emitter) external onlyRole(GUARDIAN) {
        Hearing.stopRotation(_peers, chain_, emitter);
    }

    // ---- Terms ----

    function _checkPeer(bytes calldata args) internal view {
        Hearing.check(_here(), args);
    }

    function _registerPeer(bytes memory args, uint48 tick) internal {
        Hearing.register(_peers, _here(), args, tick);
    }

    function _here() private view returns (Hearing.Here memory) {
        return Hearing.Here(chain, wormhole, _limits(), rules.defaultMask);
    }

    function _peer(uint16 chain_, bytes32 emitter) private view returns (Hearing.Peer storage) {
        return _peers[Hearing.keyOf(chain_, emitter)];
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPeers} from "./IPeers.sol";

/// @title Attesters of messages: m of n keys that sign Keccak digests
/// @notice A signature says a fact: this emitter of this chain sent these bytes. So it is good for every receiver that
/// has the same set in the same epoch. A rotation is a command, and names its receiver.
library Attesters {
    uint256 internal constant MAX_KEYS = 12;
    bytes internal constant ATTESTATION_TAG = "bulkhead attestation 1\n";
    bytes internal constant ROTATION_TAG = "bulkhead rotation 1\n";
    // Bytes of one signature: the key's index, r, s, parity.
    uint256 private constant SIGNATURE = 66;
    // Half the order of the curve, rounded down. Of a signature's two forms only the one with s at most this is
    // accepted: otherwise anybody could make another signature out of one.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// Keys, ascending, and how many of them have to sign. Without keys there is no set.
    struct Set {
        uint64 epoch;
        uint8 threshold;
        address[] keys;
    }

    function check(uint8 threshold, address[] memory keys) internal pure {
        uint256 count = keys.length;
        bool isSound = count != 0 && count <= MAX_KEYS && threshold <= count && uint256(threshold) * 2 > count;
        address last = address(0);
        for (uint256 i = 0; isSound && i < count; i++) {
            isSound = keys[i] > last;
            last = keys[i];
        }
        if (!isSound) revert IPeers.InvalidAttesterSet();
    }

    /// @notice What the attesters of `setEpoch` sign: this emitter of this chain sent `payload`.
    function attestationDigest(
        uint64 setEpoch,
        uint16 chain,
        bytes32 emitter,
        bytes memory payload
    ) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(ATTESTATION_TAG, setEpoch, chain, emitter, keccak256(payload)));
    }

    /// A set that is to follow the set of `setEpoch`, at one receiver, for the messages of one emitter.
    struct Rotation {
        uint16 receiverChain;
        bytes32 receiver;
        uint16 chain;
        bytes32 emitter;
        uint64 setEpoch;
        uint8 threshold;
        address[] keys;
    }

    /// @notice What attesters sign to be followed.
    function rotationDigest(Rotation memory rotation) internal pure returns (bytes32) {
        bytes memory packed = abi.encodePacked(
            ROTATION_TAG,
            rotation.receiverChain,
            rotation.receiver,
            rotation.chain,
            rotation.emitter,
            rotation.setEpoch,
            rotation.threshold,
            uint8(rotation.keys.length)
        );
        for (uint256 i = 0; i < rotation.keys.length; i++) {
            packed = bytes.concat(packed, bytes20(rotation.keys[i]));
        }
        return keccak256(packed);
    }

    /// @notice Reverts unless enough of the set signed `digest`. Signatures come in ascending order of their keys'
    /// indices, each key once, and all of them must be good: bytes that nobody checks are bytes that anybody changes.
    function verify(Set storage set, bytes32 digest, bytes memory signatures) internal view {
        uint256 count = signatures.length / SIGNATURE;
        if (count * SIGNATURE != signatures.length) revert IPeers.InvalidAttestation();
        uint256 keyCount = set.keys.length;
        if (keyCount == 0 || count < set.threshold) revert IPeers.AttestationsTooFew();
        uint256 least = 0;
        for (uint256 i = 0; i < count; i++) {
            (uint256 index, bytes32 r, bytes32 s, uint8 parity) = _signature(signatures, i * SIGNATURE);
            if (index < least || index >= keyCount || parity > 1 || uint256(s) > HALF_ORDER) {
                revert IPeers.InvalidAttestation();
            }
            address signer = ecrecover(digest, 27 + parity, r, s);
            // The keys are ascending and above zero, so nothing that failed to recover is one of them.
            if (signer != set.keys[index]) revert IPeers.InvalidAttestation();
            least = index + 1;
        }
    }

    function _signature(
        bytes memory signatures,
        uint256 offset
    ) private pure returns (uint256 index, bytes32 r, bytes32 s, uint8 parity) {
        assembly ("memory-safe") {
            let start := add(add(signatures, 32), offset)
            index := byte(0, mload(start))
            r := mload(add(start, 1))
            s := mload(add(start, 33))
            parity := byte(0, mload(add(start, 65)))
        }
    }
}

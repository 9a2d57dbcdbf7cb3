// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPeers} from "./IPeers.sol";

/// @title The canonical bytes of messages between domains
/// @notice `docs/cross-chain.md` specifies every byte; `crates/core/src/messages/message.rs` is the same in Rust.
library Messages {
    bytes4 internal constant MAGIC = "bhMs";
    uint8 internal constant VERSION = 1;
    uint256 internal constant HEADER = 64;

    // The sender has closed actions by its own decision.
    uint8 internal constant PAUSE = 1;
    // What the sender had closed before this epoch is open again; it asks the receiver to follow.
    uint8 internal constant RESUME_REQUEST = 2;
    // Root of a ledger of the sender.
    uint8 internal constant CHECKPOINT = 3;
    // The sender has another council.
    uint8 internal constant COUNCIL_EPOCH = 4;

    // Where a compartment is expected: the whole domain.
    uint8 internal constant SCOPE_DOMAIN = 255;
    uint8 internal constant MAX_COMPARTMENTS = 64;
    uint64 private constant MAX_TIME = uint64(type(int64).max);

    /// A message. Fields of other kinds are zero.
    struct Message {
        uint8 kind;
        uint16 chain;
        bytes32 sender;
        uint64 epoch;
        uint64 sequence;
        uint64 sentTs;
        // Of a pause. An end of 0 is a decision's.
        uint8 scope;
        uint32 mask;
        uint64 until;
        // Of a request to resume, and of a council.
        uint64 councilEpoch;
        bytes32 councilHash;
        // Of a checkpoint.
        uint8 ledger;
        uint64 slot;
        bytes32 slotHash;
        bytes32 root;
        uint128 total;
        uint64 count;
    }

    /// @notice The canonical bytes. Only of a message that `decode` accepts, so that nobody sends what nobody reads.
    function encode(Message memory message) internal pure returns (bytes memory) {
        _check(message);
        return
            bytes.concat(
                abi.encodePacked(
                    MAGIC,
                    VERSION,
                    message.kind,
                    message.chain,
                    message.sender,
                    message.epoch,
                    message.sequence,
                    message.sentTs
                ),
                _body(message)
            );
    }

    function _body(Message memory message) private pure returns (bytes memory) {
        if (message.kind == PAUSE) return abi.encodePacked(message.scope, message.mask, message.until);
        if (message.kind == RESUME_REQUEST) return abi.encodePacked(message.councilEpoch);
        if (message.kind == COUNCIL_EPOCH) return abi.encodePacked(message.councilEpoch, message.councilHash);
        return
            abi.encodePacked(
                message.ledger,
                message.slot,
                message.slotHash,
                message.root,
                message.total,
                message.count
            );
    }

    /// @notice Reads exactly the bytes that `encode` writes.
    function decode(bytes memory data) internal pure returns (Message memory message) {
        if (data.length < 6 || bytes4(_word(data, 0)) != MAGIC) revert IPeers.MessageMalformed();
        if (data[4] != bytes1(VERSION)) revert IPeers.MessageVersionUnknown();
        message.kind = uint8(data[5]);
        if (data.length != HEADER + _bodyLength(message.kind)) revert IPeers.MessageMalformed();
        message.chain = uint16(bytes2(_word(data, 6)));
        message.sender = _word(data, 8);
        message.epoch = _u64(data, 40);
        message.sequence = _u64(data, 48);
        message.sentTs = _u64(data, 56);
        if (message.kind == PAUSE) {
            message.scope = uint8(data[64]);
            message.mask = uint32(bytes4(_word(data, 65)));
            message.until = _u64(data, 69);
        } else if (message.kind == CHECKPOINT) {
            message.ledger = uint8(data[64]);
            message.slot = _u64(data, 65);
            message.slotHash = _word(data, 73);
            message.root = _word(data, 105);
            message.total = uint128(bytes16(_word(data, 137)));
            message.count = _u64(data, 153);
        } else {
            message.councilEpoch = _u64(data, 64);
            if (message.kind == COUNCIL_EPOCH) message.councilHash = _word(data, 72);
        }
        _check(message);
    }

    /// Every field says something.
    function _check(Message memory message) private pure {
        bool isSound = message.chain != 0 &&
            message.sender != 0 &&
            message.epoch != 0 &&
            message.sequence != 0 &&
            _isTime(message.sentTs) &&
            message.sentTs != 0;
        if (message.kind == PAUSE) {
            isSound = isSound && isScope(message.scope) && message.mask != 0 && _isTime(message.until);
        } else if (message.kind == CHECKPOINT) {
            isSound = isSound && message.slot != 0;
        } else if (message.kind == COUNCIL_EPOCH) {
            isSound = isSound && message.councilEpoch != 0;
        } else {
            isSound = isSound && message.kind == RESUME_REQUEST;
        }
        if (!isSound) revert IPeers.MessageMalformed();
    }

    function isScope(uint8 scope) internal pure returns (bool) {
        return scope == SCOPE_DOMAIN || scope < MAX_COMPARTMENTS;
    }

    function _isTime(uint64 time) private pure returns (bool) {
        return time <= MAX_TIME;
    }

    function _bodyLength(uint8 kind) private pure returns (uint256) {
        if (kind == PAUSE) return 13;
        if (kind == RESUME_REQUEST) return 8;
        if (kind == CHECKPOINT) return 97;
        if (kind == COUNCIL_EPOCH) return 40;
        revert IPeers.MessageMalformed();
    }

    /// The 32 bytes at `offset`; what lies behind the end is the caller's to cut off.
    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), offset))
        }
    }

    function _u64(bytes memory data, uint256 offset) private pure returns (uint64) {
        return uint64(bytes8(_word(data, offset)));
    }
}

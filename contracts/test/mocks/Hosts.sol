// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Actions} from "../../src/Actions.sol";
import {Attesters} from "../../src/Attesters.sol";
import {Bulkhead} from "../../src/Bulkhead.sol";
import {Guarded, IPauseBoard} from "../../src/Guarded.sol";
import {IWormhole} from "../../src/IWormhole.sol";
import {Messages} from "../../src/Messages.sol";

/// @notice A vault that is its own Bulkhead.
contract Vault is Bulkhead {
    uint8 public constant COMPARTMENT = 3;
    mapping(address => uint256) public deposits;

    constructor(
        uint16 chain_,
        IWormhole wormhole_,
        Plan memory plan,
        PeerTerms[] memory peers
    ) Bulkhead(chain_, wormhole_, 1, 200, plan, peers) {}

    function deposit(uint256 amount) external whenOpen(Actions.DEPOSIT, COMPARTMENT) {
        deposits[msg.sender] += amount;
    }

    function withdraw(uint256 amount) external whenOpen(Actions.WITHDRAW, COMPARTMENT) {
        deposits[msg.sender] -= amount;
    }

    /// The same without a guard, to measure the guard.
    function withdrawUnguarded(uint256 amount) external {
        deposits[msg.sender] -= amount;
    }
}

/// @notice A vault that asks a Bulkhead beside it.
contract GuardedVault is Guarded {
    mapping(address => uint256) public deposits;

    constructor(IPauseBoard board_) Guarded(board_) {}

    function deposit(uint256 amount) external {
        deposits[msg.sender] += amount;
    }

    function withdraw(uint256 amount) external whenOpen(Actions.WITHDRAW, 3) {
        deposits[msg.sender] -= amount;
    }
}

/// @notice The library, for vectors.
contract Codec {
    function recode(bytes memory data) external pure returns (bytes memory) {
        return Messages.encode(Messages.decode(data));
    }

    function decode(bytes memory data) external pure returns (Messages.Message memory) {
        return Messages.decode(data);
    }

    function encode(Messages.Message memory message) external pure returns (bytes memory) {
        return Messages.encode(message);
    }

    function attestationDigest(
        uint64 setEpoch,
        uint16 chain,
        bytes32 emitter,
        bytes memory payload
    ) external pure returns (bytes32) {
        return Attesters.attestationDigest(setEpoch, chain, emitter, payload);
    }

    function rotationDigest(Attesters.Rotation memory rotation) external pure returns (bytes32) {
        return Attesters.rotationDigest(rotation);
    }
}

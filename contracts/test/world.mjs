// A vault with a council, that hears one domain on Solana by a core bridge and by attesters.
import { concat, getBytes, keccak256, toBeHex } from 'ethers';
import { Chain, DAY, HOUR, NOW, abiCoder, contracts, key, sign, word } from './chain.mjs';

export const SOLANA = 1;
export const ETHEREUM = 2;
export const SENDER = '0x' + '11'.repeat(32);
export const GUARDIAN = 1;
export const APPROVER = 2;
export const VETOER = 4;
export const CHECKPOINTER = 8;
export const WHOLE = 255;
export const action = { DEPOSIT: 1, WITHDRAW: 2, TRADE: 16, CLAIM: 256, ALL: 0xffffffff };
export const DEFAULT_MASK = 0xffffffff - (8 + 32 + 1 + 256);
export const FROZEN = 0xffffffff - 256;
export const PAUSE = DAY;
export const FINAL = 1;
export const INSTANT = 200;
export const VAULT = 3;

export const people = {
    anyone: key(0x40),
    guardians: [key(0x41), key(0x42)],
    approvers: [key(0x43), key(0x44), key(0x45)],
    vetoers: [key(0x46), key(0x47)],
    checkpointer: key(0x48),
};
/** Wormhole's guardians of the tests' core bridge. */
export const bridgeGuardians = [key(0x61), key(0x62), key(0x63), key(0x64)];
/** Attesters by ascending address. */
export const attesters = ascending([key(1), key(2), key(3), key(4), key(5)]);

export function ascending(wallets) {
    return [...wallets].sort((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1));
}

export const rules = {
    pauseSeconds: PAUSE,
    pausesPerDay: 2,
    pausesInARow: 3,
    pauseRights: 6,
    vetoRights: 2,
    approvals: 2,
    freezeThreshold: 2,
    delaySeconds: DAY,
    expirySeconds: 10n * DAY,
    freezeSeconds: 30n * DAY,
    defaultMask: DEFAULT_MASK,
};

export function plan(changes = {}) {
    const { guardians, approvers, vetoers, checkpointer } = people;
    const roles = new Map([
        ...guardians.map((wallet) => [wallet, GUARDIAN]),
        ...approvers.map((wallet) => [wallet, APPROVER]),
        ...vetoers.map((wallet) => [wallet, VETOER]),
        [checkpointer, CHECKPOINTER],
    ]);
    const members = ascending(roles.keys());
    return {
        rules: { ...rules, ...changes.rules },
        members: changes.members ?? members.map((wallet) => wallet.address),
        roles: changes.roles ?? members.map((wallet) => roles.get(wallet)),
    };
}

export function terms(changes = {}) {
    return {
        chain: SOLANA,
        emitter: SENDER,
        sender: SENDER,
        transports: 3,
        finality: FINAL,
        pauseFinality: INSTANT,
        remoteScope: 7,
        remoteMask: action.WITHDRAW | action.TRADE,
        compartments: 1n << BigInt(VAULT),
        mask: 0,
        pauseRights: 6,
        maxAgeSeconds: 2n * HOUR,
        rotationSeconds: DAY,
        afterSequence: 0,
        threshold: 3,
        attesters: attesters.map((wallet) => wallet.address),
        ...changes,
    };
}

export class World {
    static async create({ fee = 0n, bridge, chainId, peers = [terms()], council = plan() } = {}) {
        const world = new World();
        world.chain = await Chain.create({ chainId });
        const { guardians, approvers, vetoers } = people;
        const everybody = [people.anyone, people.checkpointer, ...guardians, ...approvers, ...vetoers];
        for (const wallet of everybody) await world.chain.fund(wallet);
        const deployer = people.anyone;
        const addresses = bridgeGuardians.map((wallet) => wallet.address);
        world.bridge = bridge
            ? await world.chain.deploy(deployer, ...(bridge > 0 ? ['HostileBridge', [bridge - 1]] : [bridge]))
            : await world.chain.deploy(deployer, 'CoreBridge', [addresses, fee]);
        world.vault = await world.chain.deploy(deployer, 'Vault', [ETHEREUM, world.bridge.address, council, peers]);
        return world;
    }

    get domain() {
        return word(this.vault.address);
    }

    pass(seconds) {
        this.chain.now += seconds;
    }

    attest(payload, { indices = [0, 2, 4], epoch = 1n, by = attesters, emitter = SENDER, chain = SOLANA } = {}) {
        const digest = keccak256(
            concat([
                Buffer.from('bulkhead attestation 1\n'),
                toBeHex(epoch, 8),
                toBeHex(chain, 2),
                emitter,
                keccak256(payload),
            ]),
        );
        return sign(by, indices, digest);
    }

    /** Arguments of a rotation that attesters signed for this contract. */
    rotation(keys, { threshold = 3, by = attesters, indices = [0, 1, 3], epoch = 1n } = {}) {
        const digest = keccak256(
            concat([
                Buffer.from('bulkhead rotation 1\n'),
                toBeHex(ETHEREUM, 2),
                this.domain,
                toBeHex(SOLANA, 2),
                SENDER,
                toBeHex(epoch, 8),
                toBeHex(threshold, 1),
                toBeHex(keys.length, 1),
                ...keys.map((wallet) => wallet.address),
            ]),
        );
        return [SOLANA, SENDER, threshold, keys.map((wallet) => wallet.address), sign(by, indices, digest)];
    }

    receiveAttested(payload, signatures = this.attest(payload), { chain = SOLANA, emitter = SENDER } = {}) {
        return this.vault.send(people.anyone, 'receiveAttested', [chain, emitter, payload, signatures]);
    }

    receiveWormhole(payload, options = {}) {
        return this.vault.send(people.anyone, 'receiveWormhole', [vaa(payload, options)]);
    }

    heard() {
        return this.vault.read('heard', SOLANA, SENDER);
    }

    closed(scope = VAULT) {
        return this.vault.read('closed', scope).then(Number);
    }

    /** Proposes, gets two approvals, and waits. */
    async mature(kind, args = '0x', proposer = people.approvers[0]) {
        const { events } = await this.vault.send(proposer, 'propose', [kind, args]);
        const { id, hash, mark } = events[0].args;
        for (const approver of people.approvers.slice(0, 2)) {
            await this.vault.send(approver, 'approve', [id, hash, mark]);
        }
        this.pass(DAY);
        return id;
    }

    async decide(kind, args = '0x') {
        const id = await this.mature(kind, args);
        return this.vault.send(people.anyone, 'execute', [id, kind, args]);
    }
}

export const kind = { Unpause: 0, ChangeCouncil: 1, RegisterPeer: 2 };

export function planArgs(plan) {
    return encoded('propose_plan', plan);
}

export function peerArgs(terms) {
    return encoded('propose_peer', terms);
}

/** ABI of one struct, taken from the constructor that has it too. */
function encoded(what, value) {
    const { inputs } = contracts.Vault.abi.find(({ type }) => type === 'constructor');
    const [, , plan, peers] = inputs;
    const tuple = what === 'propose_plan' ? plan : { ...peers, type: 'tuple' };
    return abiCoder.encode([asParam(tuple)], [value]);
}

function asParam({ type, name, components }) {
    if (!components) return `${type} ${name}`;
    return `tuple(${components.map(asParam).join(', ')})${type.slice('tuple'.length)} ${name}`;
}

/** What Wormhole's guardians sign and anybody submits. */
export function vaa(
    payload,
    { finality = FINAL, chain = SOLANA, emitter = SENDER, sequence = 9n, by = [0, 1, 2] } = {},
) {
    const body = concat([
        toBeHex(NOW, 4),
        toBeHex(77, 4),
        toBeHex(chain, 2),
        emitter,
        toBeHex(sequence, 8),
        toBeHex(finality, 1),
        payload,
    ]);
    const signatures = sign(bridgeGuardians, by, keccak256(keccak256(body)));
    return concat([toBeHex(1, 1), toBeHex(0, 4), toBeHex(by.length, 1), signatures, body]);
}

const header = { chain: SOLANA, sender: SENDER, epoch: 1n, sequence: 1n, sentTs: NOW };

function bytes(fields, kind, body) {
    const { chain, sender, epoch, sequence, sentTs } = { ...header, ...fields };
    const numbers = [toBeHex(epoch, 8), toBeHex(sequence, 8), toBeHex(sentTs, 8)];
    return concat([Buffer.from('bhMs'), toBeHex(1, 1), toBeHex(kind, 1), toBeHex(chain, 2), sender, ...numbers, body]);
}

export function pauseMessage({ scope = WHOLE, mask = action.ALL, until = 0n, ...fields } = {}) {
    return bytes(fields, 1, concat([toBeHex(scope, 1), toBeHex(mask, 4), toBeHex(until, 8)]));
}

export function requestMessage({ councilEpoch = 1n, ...fields } = {}) {
    return bytes(fields, 2, toBeHex(councilEpoch, 8));
}

export function checkpointMessage({ ledger = 0, slot = 10n, ...fields } = {}) {
    const hashes = ['0x' + '21'.repeat(32), '0x' + '22'.repeat(32)];
    return bytes(
        fields,
        3,
        concat([toBeHex(ledger, 1), toBeHex(slot, 8), ...hashes, toBeHex(1n << 70n, 16), toBeHex(12, 8)]),
    );
}

export function councilMessage({ councilEpoch = 1n, ...fields } = {}) {
    return bytes(fields, 4, concat([toBeHex(councilEpoch, 8), '0x' + '23'.repeat(32)]));
}

export function sentBy(result) {
    const events = result.events.filter((event) => event.name === 'MessageSent');
    return events.map((event) => ({
        ...event.args.toObject(),
        payload: event.args.payload,
        bytes: getBytes(event.args.payload),
    }));
}

/** A protocol under Bulkhead, taken from one stage of an incident to the next through the client. */
import { type Address, type Instruction, type KeyPairSigner } from '@solana/kit';
import {
    decodeToken,
    findAssociatedTokenPda,
    getCreateAssociatedTokenIdempotentInstructionAsync,
    getMintToInstruction,
    TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';

import { addressBytes, compareBytes } from '../src/bytes.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    constants,
    decodeCouncil,
    decodeDomain,
    decodePauseBoard,
    decodeProposal,
    decodeRestoration,
    decodeSnapshot,
    decision,
    decisionHash,
    getActivateDomainInstruction,
    getAddCandidateInstructionAsync,
    getApproveInstruction,
    getCastVoteInstructionAsync,
    getChooseRestorationInstructionAsync,
    getClaimInstruction,
    getConfirmIncidentInstructionAsync,
    getFundRestorationInstruction,
    getIngestPositionsInstruction,
    getOpenBallotInstructionAsync,
    getOpenClaimPageInstruction,
    getOpenIncidentInstructionAsync,
    getOpenShardInstruction,
    getOpenSnapshotInstruction,
    getPauseInstruction,
    getProposeInstructionAsync,
    getReopenInstructionAsync,
    getSealSnapshotInstruction,
    getShareOutInstruction,
    getStartVotingInstructionAsync,
    masks,
    merkle,
    pdas,
    withPositions,
    withShards,
    type ChooseRestorationArgsArgs,
    type DecisionArgs,
    type Proposal,
} from '../src/index.ts';
import { makeSigner } from './keys.ts';
import { Machine, type Landed } from './machine.ts';
import {
    createMint,
    DAY,
    DELAY,
    escrowVotes,
    forgePositions,
    LEDGER_INDEX,
    openDomain,
    openVault,
    registerLedger,
    TOTAL_ACCOUNT,
} from './set-up.ts';

export class World {
    readonly ledgerIndex = LEDGER_INDEX;
    private proposals = 0n;

    private constructor(
        readonly machine: Machine,
        readonly setupAuthority: KeyPairSigner,
        /** Guardians, approvers and vetoers alike. */
        readonly council: readonly [KeyPairSigner, KeyPairSigner, KeyPairSigner],
        readonly voter: KeyPairSigner,
        readonly mint: Address,
        readonly governanceMint: Address,
        readonly domain: Address,
        readonly positions: readonly merkle.Position[],
    ) {}

    /** An active domain with a breaker, a vault, a ledger of `count` positions and escrowed votes. */
    static async active(count = 60): Promise<World> {
        const world = await World.setUp(count);
        const { machine, setupAuthority, domain } = world;
        await machine.send(getActivateDomainInstruction({ setupAuthority, domain }));
        return world;
    }

    /** The same before its activation. */
    static async setUp(count = 60, shards?: number, toleranceBps = 0): Promise<World> {
        const machine = await Machine.start();
        const [setupAuthority, voter, ...council] = (await Promise.all(Array.from({ length: 5 }, makeSigner))) as [
            KeyPairSigner,
            KeyPairSigner,
            KeyPairSigner,
            KeyPairSigner,
            KeyPairSigner,
        ];
        const mint = await createMint(machine);
        const governanceMint = await createMint(machine);
        const world = new World(
            machine,
            setupAuthority,
            council,
            voter,
            mint,
            governanceMint,
            await pdas.domain(setupAuthority.address),
            forgePositions(machine, count, shards),
        );
        await openDomain(world);
        await openVault(world);
        await registerLedger(world, toleranceBps);
        await escrowVotes(world);
        return world;
    }

    get payer(): KeyPairSigner {
        return this.machine.payer;
    }

    send(...instructions: readonly Instruction[]): Promise<Landed> {
        return this.machine.send(...instructions);
    }

    // What the chain says.

    readDomain = () => this.machine.read(this.domain, decodeDomain);
    readBoard = async () => this.machine.read(await pdas.board(this.domain), decodePauseBoard);
    readCouncil = async () => this.machine.read(await pdas.council(this.domain), decodeCouncil);
    readSnapshot = async () => this.machine.read(await this.snapshot(), decodeSnapshot);
    readRestoration = async () => this.machine.read(await this.restoration(), decodeRestoration);

    /** Is this action open in a compartment, by the board as it is now? */
    async isOpen(actions: number, compartment = 0): Promise<boolean> {
        return masks.isOpen(await this.readBoard(), compartment, actions, this.machine.now);
    }

    tokens(account: Address): bigint {
        return this.machine.read(account, decodeToken).amount;
    }

    // Where things are.

    incident = () => pdas.incident(this.domain, 0);
    ledger = () => pdas.ledger(this.domain, LEDGER_INDEX);
    snapshot = async () => pdas.snapshot(await this.incident(), LEDGER_INDEX);
    ballot = async () => pdas.ballot(await this.incident(), LEDGER_INDEX);
    restoration = async () => pdas.restoration(await this.incident(), LEDGER_INDEX);
    shard = async (number: number) => pdas.shard(await this.snapshot(), number, this.payer.address);

    /** The tree that the chain has to arrive at. */
    async tree(): Promise<merkle.LedgerTree> {
        const tag = merkle.ledgerTag(BULKHEAD_PROGRAM_ADDRESS, await this.snapshot(), LEDGER_INDEX);
        return new merkle.LedgerTree(tag, this.positions);
    }

    /** A token account of `owner` with `amount` in it. */
    async fund(owner: Address, mint: Address, amount: bigint): Promise<Address> {
        const payer = this.payer;
        const tokenProgram = TOKEN_PROGRAM_ADDRESS;
        const [token] = await findAssociatedTokenPda({ owner, mint, tokenProgram });
        await this.send(
            await getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner, mint }),
            ...(amount > 0n ? [getMintToInstruction({ mint, token, mintAuthority: payer, amount })] : []),
        );
        return token;
    }

    // The emergency.

    async pause(guardian: KeyPairSigner, scope: number = constants.SCOPE_DOMAIN, mask = 0): Promise<Landed> {
        const [council, board] = [await pdas.council(this.domain), await pdas.board(this.domain)];
        return this.send(getPauseInstruction({ guardian, council, board, scope, mask }));
    }

    /** One guardian raises the alarm. */
    async alarm(): Promise<Landed> {
        const { payer, domain } = this;
        const [guardian] = this.council;
        const incident = await this.incident();
        return this.send(await getOpenIncidentInstructionAsync({ guardian, payer, domain, incident }));
    }

    /** Two guardians confirm, which holds the domain. */
    async confirm(): Promise<readonly Landed[]> {
        const { domain } = this;
        const incident = await this.incident();
        const [first, second] = this.council;
        return [
            await this.send(await getConfirmIncidentInstructionAsync({ guardian: first, domain, incident })),
            await this.send(await getConfirmIncidentInstructionAsync({ guardian: second, domain, incident })),
        ];
    }

    async freeze(): Promise<readonly Landed[]> {
        return [await this.alarm(), ...(await this.confirm())];
    }

    async openSnapshot(): Promise<Landed> {
        const [incident, ledger, snapshot] = [await this.incident(), await this.ledger(), await this.snapshot()];
        return this.send(
            getOpenSnapshotInstruction({ payer: this.payer, domain: this.domain, incident, ledger, snapshot }),
        );
    }

    async openShard(number: number): Promise<Landed> {
        const { payer, domain } = this;
        const [snapshot, shard] = [await this.snapshot(), await this.shard(number)];
        const rules = await pdas.proofRules(domain);
        return this.send(getOpenShardInstruction({ cranker: payer, payer, domain, snapshot, rules, shard, number }));
    }

    async ingest(number: number, keys: readonly Address[]): Promise<Landed> {
        const [ledger, shard] = [await this.ledger(), await this.shard(number)];
        const crank = getIngestPositionsInstruction({ cranker: this.payer, domain: this.domain, ledger, shard });
        return this.send(withPositions(crank, keys));
    }

    async seal(numbers: readonly number[]): Promise<Landed> {
        const [incident, ledger, snapshot] = [await this.incident(), await this.ledger(), await this.snapshot()];
        const totalAccount = TOTAL_ACCOUNT;
        const restoration = await this.restoration();
        const seal = getSealSnapshotInstruction({
            domain: this.domain,
            incident,
            ledger,
            snapshot,
            restoration,
            totalAccount,
        });
        return this.send(withShards(seal, await Promise.all(numbers.map((number) => this.shard(number)))));
    }

    /** Reads every position into its shard, and seals. */
    async snapshotAll(): Promise<Landed> {
        await this.openSnapshot();
        const numbers = this.shardNumbers();
        for (const number of numbers) {
            await this.openShard(number);
            const keys = this.keysOf(number);
            for (let i = 0; i < keys.length; i += 20) await this.ingest(number, keys.slice(i, i + 20));
        }
        return this.seal(numbers);
    }

    /** The shards that have positions. */
    shardNumbers(): number[] {
        const numbers = this.positions.map(({ key }) => merkle.shardOf(addressBytes(key)));
        return [...new Set(numbers)].sort((a, b) => a - b);
    }

    /** The positions of a shard, in ascending order. */
    keysOf(number: number): Address[] {
        return this.positions
            .map(({ key }) => ({ key, bytes: addressBytes(key) }))
            .filter(({ bytes }) => merkle.shardOf(bytes) === number)
            .sort((a, b) => compareBytes(a.bytes, b.bytes))
            .map(({ key }) => key);
    }

    // The restoration.

    /** The token's holders choose the snapshot. */
    async vote(): Promise<void> {
        const { payer, domain, voter, governanceMint } = this;
        const [member] = this.council;
        const [incident, ballot, snapshot] = [await this.incident(), await this.ballot(), await this.snapshot()];
        const escrow = await pdas.escrow(domain, voter.address);
        await this.send(
            await getOpenBallotInstructionAsync({
                member,
                domain,
                payer,
                incident,
                ledger: await this.ledger(),
                ballot,
                rules: await pdas.ballotRules(domain),
                ledgerIndex: LEDGER_INDEX,
            }),
            await getAddCandidateInstructionAsync({ member, domain, ballot, snapshot }),
        );
        this.machine.pass(DAY);
        await this.send(await getStartVotingInstructionAsync({ member, domain, incident, ballot, governanceMint }));
        await this.send(await getCastVoteInstructionAsync({ voter, payer, ballot, escrow, choice: 0 }));
        this.machine.pass(DAY + 1n);
    }

    async propose(decision: DecisionArgs): Promise<{ address: Address; data: Proposal }> {
        const { payer, domain } = this;
        const [proposer] = this.council;
        const index = this.proposals++;
        const proposal = await pdas.proposal(domain, proposer.address, index);
        await this.send(await getProposeInstructionAsync({ proposer, payer, domain, proposal, index, decision }));
        return { address: proposal, data: this.machine.read(proposal, decodeProposal) };
    }

    async approve(approver: KeyPairSigner, proposal: Address, payloadHash: Uint8Array): Promise<Landed> {
        const council = await pdas.council(this.domain);
        const { createdSlot } = this.machine.read(proposal, decodeProposal);
        return this.send(getApproveInstruction({ approver, council, proposal, payloadHash, createdSlot }));
    }

    async restorationArgs(): Promise<ChooseRestorationArgsArgs> {
        return {
            incident: await this.incident(),
            snapshot: await this.snapshot(),
            root: this.machine.read(await this.snapshot(), decodeSnapshot).root,
            ledgerIndex: LEDGER_INDEX,
        };
    }

    async chooseRestoration(proposal: Address): Promise<Landed> {
        const { payer, domain, mint } = this;
        const args = await this.restorationArgs();
        return this.send(
            await getChooseRestorationInstructionAsync({
                authority: payer,
                payer,
                domain,
                proposal,
                incident: args.incident,
                snapshot: args.snapshot,
                ballot: await this.ballot(),
                log: await pdas.checkpointLog(domain, LEDGER_INDEX),
                terms: await pdas.claimTerms(domain, LEDGER_INDEX),
                restoration: await this.restoration(),
                interim: await pdas.interim(args.incident, LEDGER_INDEX),
                mint,
                args,
            }),
        );
    }

    /** From the vote to the restoration: proposed, approved twice, its delay waited out, executed. */
    async restore(): Promise<Landed> {
        await this.vote();
        const args = await this.restorationArgs();
        return this.chooseRestoration(await this.matured(decision('ChooseRestoration', [args])));
    }

    /** Pays `amount` into the pool and shares it out; with the page of claims, the first time. */
    async shareOut(amount: bigint, isFirst = true): Promise<Landed> {
        const { payer, mint } = this;
        const [incident, restoration] = [await this.incident(), await this.restoration()];
        const pool = await pdas.pool(restoration);
        const source = await this.fund(payer.address, mint, amount);
        const claims = await pdas.claimPage(restoration, 0);
        const page = getOpenClaimPageInstruction({ payer, restoration, claims, page: 0 });
        return this.send(
            getFundRestorationInstruction({ funder: payer, restoration, source, pool, mint, amount }),
            getShareOutInstruction({ incident, restoration, pool }),
            ...(isFirst ? [page] : []),
        );
    }

    /** Executes a matured proposal to reopen at a share of the limits. */
    async reopen(rampBps: number, graceSeconds: bigint): Promise<Landed> {
        const { payer: authority, domain } = this;
        const incident = await this.incident();
        const proofRules = await pdas.proofRules(domain);
        const args = { incident, rampBps, graceSeconds };
        const proposal = await this.matured(decision('Reopen', [args]));
        return this.send(await getReopenInstructionAsync({ authority, domain, proposal, incident, proofRules, args }));
    }

    /** A proposal that two have approved and whose delay has passed. */
    async matured(decision: DecisionArgs): Promise<Address> {
        // What happens in a proposal's own slot is news to it.
        this.machine.pass(1n);
        const { address } = await this.propose(decision);
        const [first, second] = this.council;
        const hash = decisionHash(decision);
        await this.approve(first, address, hash);
        await this.approve(second, address, hash);
        this.machine.pass(DELAY);
        return address;
    }

    /** Anyone pushes a claim to its owner's associated token account. */
    async claim(leaf: merkle.LeafProof, destination?: Address): Promise<Landed> {
        const { owner, index, key, amount, proof } = leaf;
        const tokenProgram = TOKEN_PROGRAM_ADDRESS;
        const [associated, destinationBump] = await findAssociatedTokenPda({ owner, mint: this.mint, tokenProgram });
        const restoration = await this.restoration();
        return this.send(
            getClaimInstruction({
                restoration,
                snapshot: await this.snapshot(),
                shard: await this.shard(leaf.shard),
                claims: await pdas.claimPage(restoration, 0),
                pool: await pdas.pool(restoration),
                destination: destination ?? associated,
                owner,
                mint: this.mint,
                args: { index, key, amount, destinationBump, proof },
            }),
        );
    }
}

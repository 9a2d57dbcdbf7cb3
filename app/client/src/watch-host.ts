/** What the domain has its host do: the rules of `crates/client/src/watch/differ/host.rs`. */
import type { DirectVault, EmergencyRun, HostProgram } from './generated/bulkhead/index.ts';
import { detail, differing, hex, type Entry } from './watch-entries.ts';

export const HOST_RULES = {
    EmergencyRun: (before: EmergencyRun, after: EmergencyRun, isNew: boolean) => {
        const entries: Entry[] = [];
        const isStarted = before.number !== after.number;
        if (isStarted) {
            const fields = ['emergencyAction', 'guardian', 'incident', 'number'] as const;
            entries.push(['EmergencyRunStarted', differing(before, after, fields, isNew)]);
        }
        if (before.lastSlot !== after.lastSlot && after.lastSlot !== 0n) {
            entries.push(['EmergencyStepRun', differing(before, after, ['nextStep', 'state'], isNew || isStarted)]);
        }
        return entries;
    },
    DirectVault: (before: DirectVault, after: DirectVault, isNew: boolean) => {
        const entries: Entry[] = [];
        const decided = (vault: DirectVault) => {
            const { source, route, routeHolder, ledger, leastBps, instructionHash, registeredTs } = vault;
            return [source, route, routeHolder, ledger, leastBps, hex(instructionHash), registeredTs].join(' ');
        };
        if (isNew || decided(before) !== decided(after)) {
            const fields = ['source', 'route', 'ledger', 'leastBps'] as const;
            entries.push(['DirectVaultRegistered', differing(before, after, fields, isNew)]);
        }
        const [was, is] = [before.evacuation, after.evacuation];
        if (was.incident !== is.incident || was.slot !== is.slot || was.before !== is.before) {
            const fields = ['incident', 'before', 'moved', 'fee', 'after'] as const;
            entries.push(['DirectVaultEvacuated', differing(was, is, fields, false)]);
        }
        return entries;
    },
    HostProgram: (before: HostProgram, after: HostProgram, isNew: boolean) => {
        const entries: Entry[] = [];
        const build = ({ buildHash, buildSpill, buildDecidedSlot }: HostProgram) =>
            `${hex(buildHash)} ${buildSpill} ${buildDecidedSlot}`;
        if (build(before) !== build(after)) {
            const old = isNew ? undefined : hex(before.buildHash);
            entries.push(['EmergencyBuildRegistered', [detail('buildHash', old, hex(after.buildHash))]]);
        }
        const confirmed = ({ incident, confirmations, confirmedSlot }: HostProgram) =>
            `${incident} ${confirmations} ${confirmedSlot}`;
        if (confirmed(before) !== confirmed(after)) {
            const fields = ['incident', 'confirmations', 'state'] as const;
            entries.push(['EmergencyBuildConfirmed', differing(before, after, fields, isNew)]);
        }
        const deployed = ({ deployedHash, deployedSlot }: HostProgram) => `${hex(deployedHash)} ${deployedSlot}`;
        if (deployed(before) !== deployed(after)) {
            const details = [detail('deployedHash', hex(before.deployedHash), hex(after.deployedHash))];
            entries.push(['HostUpgraded', details]);
        }
        return entries;
    },
};

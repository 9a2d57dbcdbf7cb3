//! The fields of insurance terms.

use bulkhead::instructions::OpenInsuranceArgs;

use super::Fields;

impl Fields {
    pub(super) fn insurance(&mut self, args: OpenInsuranceArgs) {
        let OpenInsuranceArgs {
            ledger_index,
            order,
            cap_bps,
            cooldown_seconds,
            window_seconds,
            freeze_seconds,
            funding_seconds,
            minimum_assets,
            vaults,
            detectors,
        } = args;
        self.number("ledger_index", ledger_index);
        self.number("order", order);
        self.number("cap_bps", cap_bps);
        self.seconds("cooldown_seconds", cooldown_seconds);
        self.seconds("window_seconds", window_seconds);
        self.seconds("freeze_seconds", freeze_seconds);
        self.seconds("funding_seconds", funding_seconds);
        self.amount("minimum_assets", minimum_assets);
        for (number, vault) in vaults.into_iter().enumerate() {
            self.key(format!("vault_{number}"), vault);
        }
        for (number, detector) in detectors.into_iter().enumerate() {
            self.key(format!("detector_{number}"), detector);
        }
    }
}

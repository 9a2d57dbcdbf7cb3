//! Bulkhead's calls over pinocchio's accounts.

bulkhead_cpi::calls!(pinocchio::AccountView);

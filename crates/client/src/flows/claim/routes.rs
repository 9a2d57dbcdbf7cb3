//! Where a claim goes, and how it gets there.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::{
    ID as ASSOCIATED_TOKEN, spl_associated_token_account::instruction::create_associated_token_account_idempotent,
};
use bulkhead::instructions::ClaimArgs;
use bulkhead_core::{acts, token};
use bulkhead_interface::{constants::claim_wish, layout::ClaimRedirect};
use solana_account::Account;
use solana_instruction::Instruction;

use super::desk::Desk;
use crate::{
    decode,
    flows::{Done, FlowError, snapshot::Proved},
    instructions as ix, pda,
};

/// How an owner is paid.
#[derive(Clone, Debug)]
pub(super) struct Route {
    /// The owner's associated token account, and its bump.
    associated: (Pubkey, u8),
    way: Way,
}

#[derive(Clone, Debug)]
pub(super) enum Way {
    /// To the associated token account.
    Associated { exists: bool, has_memo: bool },
    /// To the account that a proposal named.
    Redirected { destination: Pubkey, has_memo: bool },
    /// To the associated token account of the address that the owner wished for.
    Wished {
        payee: Pubkey,
        account: (Pubkey, u8),
        exists: bool,
        has_memo: bool,
    },
    /// To the account that the owner chose, and signs for.
    Chosen { destination: Pubkey, has_memo: bool },
    /// Nothing can be paid, for this reason.
    Closed(String),
}

/// Where a batch pays a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Push {
    /// The leaf's index.
    pub(super) index: u32,
    /// The owner's associated token account, and its bump.
    pub(super) destination: (Pubkey, u8),
}

/// The instructions that pay one claim.
pub(super) struct Steps {
    /// Creates the associated token account.
    pub(super) create: Option<Instruction>,
    /// Pays the claim.
    pub(super) claim: Instruction,
    /// Its accounts.
    pub(super) keys: ix::ClaimKeys,
    /// Its proof.
    pub(super) proof: Vec<u8>,
}

impl Route {
    /// Where a batch pays the leaf of this index, if one can.
    pub(super) fn push(&self, index: u32) -> Option<Push> {
        matches!(self.way, Way::Associated { has_memo: false, .. }).then_some(Push {
            index,
            destination: self.associated,
        })
    }

    /// Why the owner cannot be paid.
    pub(super) fn fault(&self) -> Option<&str> {
        match &self.way {
            Way::Closed(why) => Some(why),
            _ => None,
        }
    }
}

impl Desk<'_> {
    /// How each of these owners is paid. Reads their accounts, and what they wish for. Claims that the owner lets a
    /// program consume are left to it when everybody's are pushed.
    pub(super) async fn routes(
        &self,
        owners: impl IntoIterator<Item = Pubkey>,
        chosen: Option<Pubkey>,
        is_push: bool,
    ) -> Result<BTreeMap<Pubkey, Route>, FlowError> {
        let owners: BTreeMap<_, _> = owners
            .into_iter()
            .map(|owner| (owner, self.associated(&owner)))
            .collect();
        if let Some(destination) = chosen {
            let way = self.to_chosen(destination).await?;
            let route = |(owner, associated)| {
                (
                    owner,
                    Route {
                        associated,
                        way: way.clone(),
                    },
                )
            };
            return Ok(owners.into_iter().map(route).collect());
        }
        let keys: Vec<_> = owners.values().map(|(key, _)| *key).collect();
        let accounts = self.session.chain.accounts(&keys).await?;
        let wishes = self.wishes(owners.keys()).await?;
        let mut routes = BTreeMap::new();
        for (((owner, associated), account), wish) in owners.into_iter().zip(accounts).zip(wishes) {
            let wished = match &wish {
                Some(wish) => self.as_wished(&owner, wish, is_push).await?,
                None => None,
            };
            let way = match (wished, self.to_associated(&owner, &associated.0, account)) {
                (Some(way), _) => way,
                // A proposal does not redirect the claims of an owner that has spoken for itself.
                (None, Way::Closed(why)) if wish.is_none() => {
                    self.redirected(&owner).await?.unwrap_or(Way::Closed(why))
                }
                (None, way) => way,
            };
            routes.insert(owner, Route { associated, way });
        }
        Ok(routes)
    }

    pub(super) fn associated(&self, owner: &Pubkey) -> (Pubkey, u8) {
        let (token_program, mint) = (&self.restoration.token_program, &self.restoration.mint);
        let seeds = [owner.as_ref(), token_program.as_ref(), mint.as_ref()];
        Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN)
    }

    fn to_associated(&self, owner: &Pubkey, key: &Pubkey, account: Option<Account>) -> Way {
        let token_program = self.restoration.token_program;
        let Some(account) = account.filter(|account| account.owner == token_program) else {
            return Way::Associated {
                exists: false,
                has_memo: false,
            };
        };
        let next =
            "the owner claims into another account, or a proposal redirects the claims of an owner that cannot sign";
        if token::holder(&account.data) != Some(owner.to_bytes()) {
            return Way::Closed(format!(
                "{key}, the owner's associated token account, has another holder now; {next}"
            ));
        }
        if token::is_frozen(&account.data) {
            return Way::Closed(format!(
                "{key}, the owner's associated token account, is frozen; {next}"
            ));
        }
        Way::Associated {
            exists: true,
            has_memo: token::wants_memo(&account.data),
        }
    }

    /// What these owners wish for their claims.
    async fn wishes<'k>(
        &self,
        owners: impl Iterator<Item = &'k Pubkey>,
    ) -> Result<Vec<Option<ClaimRedirect>>, FlowError> {
        let keys: Vec<_> = owners
            .map(|owner| pda::claim_wish(&self.restoration.domain, owner))
            .collect();
        let accounts = self.session.chain.accounts(&keys).await?;
        let read = |account: Option<Account>| account.and_then(|found| decode::owned(&found.owner, &found.data));
        Ok(accounts.into_iter().map(read).collect())
    }

    /// How an owner's wish wants its claims paid, if it matters.
    async fn as_wished(&self, owner: &Pubkey, wish: &ClaimRedirect, is_push: bool) -> Result<Option<Way>, FlowError> {
        if let Ok(payee) = acts::payee_of(wish, &self.restoration, owner) {
            let account = self.associated(payee);
            let found = self.session.chain.account(&account.0).await?;
            return Ok(Some(match self.to_associated(payee, &account.0, found) {
                Way::Associated { exists, has_memo } => Way::Wished {
                    payee: *payee,
                    account,
                    exists,
                    has_memo,
                },
                way => way,
            }));
        }
        let is_consumed = is_push && wish.state == claim_wish::CONSUMED_BY;
        let why = || {
            let to = wish.holder;
            Way::Closed(format!(
                "the owner lets {to} consume it: leave it to that program, or pay it to the owner by `claim {owner}`"
            ))
        };
        Ok(is_consumed.then(why))
    }

    /// The account to which a proposal redirected the owner's claims.
    async fn redirected(&self, owner: &Pubkey) -> Result<Option<Way>, FlowError> {
        let key = pda::claim_redirect(&self.key, owner);
        let Some(redirect) = self.session.find::<ClaimRedirect>(&key).await? else {
            return Ok(None);
        };
        let account = self
            .session
            .chain
            .account(&redirect.destination)
            .await?
            .unwrap_or_default();
        Ok(Some(Way::Redirected {
            destination: redirect.destination,
            has_memo: token::wants_memo(&account.data),
        }))
    }

    /// The account that the owner chose.
    pub(super) async fn to_chosen(&self, destination: Pubkey) -> Result<Way, FlowError> {
        let account = self.session.chain.account(&destination).await?;
        let is_fit = |account: &Account| {
            account.owner == self.restoration.token_program
                && token::is_initialized(&account.data)
                && token::mint(&account.data) == Some(self.restoration.mint.to_bytes())
        };
        let account = account.filter(is_fit).ok_or_else(|| FlowError::NotPossible {
            why: format!("{destination} is not a token account of mint {}", self.restoration.mint),
            next: "create one for this mint and name it".into(),
        })?;
        Ok(Way::Chosen {
            destination,
            has_memo: token::wants_memo(&account.data),
        })
    }

    /// The instructions that pay a proved leaf.
    pub(super) async fn steps(
        &self,
        proved: Proved,
        page: u16,
        route: &Route,
        done: &mut Done,
    ) -> Result<Steps, FlowError> {
        let Proved { index, leaf, proof } = proved;
        let (associated, mut bump) = route.associated;
        let number = bulkhead_core::snapshots::merkle::shard_of(leaf.key.as_array());
        let (destination, has_memo, is_redirected) = match route.way {
            Way::Associated { has_memo, .. } => (associated, has_memo, false),
            Way::Redirected { destination, has_memo } => (destination, has_memo, true),
            Way::Wished { account, has_memo, .. } => {
                bump = account.1;
                (account.0, has_memo, true)
            }
            Way::Chosen { destination, has_memo } => (destination, has_memo, false),
            Way::Closed(_) => (associated, false, false),
        };
        let keys = ix::ClaimKeys {
            snapshot: self.restoration.snapshot,
            shard: self.shard(number, done).await?,
            page,
            owner: leaf.owner,
            owner_signs: matches!(route.way, Way::Chosen { .. }),
            destination,
        };
        let args = ClaimArgs {
            index,
            key: leaf.key,
            amount: leaf.amount,
            destination_bump: bump,
            proof: proof.clone(),
        };
        let claim = if matches!(route.way, Way::Wished { .. }) {
            let from = (self.restoration.domain, associated);
            ix::claim_as_wished(self.keys(), keys, from, has_memo, args)
        } else if has_memo || is_redirected {
            let from = (self.restoration.domain, associated);
            ix::claim_elsewhere(self.keys(), keys, is_redirected, from, has_memo, args)
        } else {
            ix::claim(self.keys(), keys, args)
        };
        let claim = ix::in_book(claim, &self.key, &self.restoration.book, page);
        let missing = match route.way {
            Way::Associated { exists: false, .. } => Some(leaf.owner),
            Way::Wished {
                exists: false, payee, ..
            } => Some(payee),
            _ => None,
        };
        let create = missing.map(|holder| {
            let (payer, token_program) = (self.session.chain.payer(), &self.restoration.token_program);
            create_associated_token_account_idempotent(&payer, &holder, &self.restoration.mint, token_program)
        });
        Ok(Steps {
            create,
            claim,
            keys,
            proof,
        })
    }
}

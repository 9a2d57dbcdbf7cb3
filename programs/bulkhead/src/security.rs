//! Whom to tell of a vulnerability, in the binary itself, where explorers look for it. A deployment of your own names its
//! own contacts here.

solana_security_txt::security_txt! {
    name: "Bulkhead",
    project_url: "https://github.com/bulkhead-labs/bulkhead",
    contacts: "link:https://github.com/bulkhead-labs/bulkhead/security/advisories/new",
    policy: "https://github.com/bulkhead-labs/bulkhead/blob/main/SECURITY.md",
    preferred_languages: "en",
    source_code: "https://github.com/bulkhead-labs/bulkhead",
    auditors: "None"
}

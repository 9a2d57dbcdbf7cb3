//! Security contacts embedded in the binary, where explorers look for them. Replace them with your own contacts in your
//! own deployment.

solana_security_txt::security_txt! {
    name: "Bulkhead",
    project_url: "https://github.com/bulkhead-labs/bulkhead",
    contacts: "link:https://github.com/bulkhead-labs/bulkhead/security/advisories/new",
    policy: "https://github.com/bulkhead-labs/bulkhead/blob/main/SECURITY.md",
    preferred_languages: "en",
    source_code: "https://github.com/bulkhead-labs/bulkhead",
    auditors: "None"
}

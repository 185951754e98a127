//! Microsoft 365's unified audit log, as records and as rows: any member of any of them, and the text within text.

use super::decoding::{decode_behind, decode_within, text};

/// The beginnings of what is told apart; the rest is the fuzzer's.
const BEGINNINGS: [&str; 5] = [
    r#"{"CreationTime":"2026-05-04T10:00:09","Id":"1","Workload":"Exchange","UserType":5,"UserId":"S-1-5-18","Operation":"MailItemsAccessed","#,
    r#"{"TimeGenerated":"2026-05-04T10:00:09Z","Type":"OfficeActivity","OfficeWorkload":"SharePoint","UserType":"Application","Operation":"FileDownloaded","#,
    r#"{"CreationTime":"2026-05-04T10:00:09","Workload":"Exchange","Operation":"New-ManagementRoleAssignment","UserId":"ops@example.org","#,
    r#"{"CreationTime":"2026-05-04T10:00:09","Workload":"Exchange","Operation":"Send","UserId":"a@example.org","ClientInfoString":"Client=WebServices;ExchangeWebServices;","#,
    r#"{"Operation":"Add-MailboxPermission","Workload":"#,
];

/// Texts that hold JSON, or stand as JSON.
const WITHIN: [&str; 3] = [
    r#"{"CreationTime":"2026-05-04T10:00:09","Workload":"Exchange","Operation":"New-ServicePrincipal","UserId":"ops@example.org","Parameters":%}"#,
    r#"{"CreationTime":"2026-05-04T10:00:09","Workload":"Exchange","Operation":"MailItemsAccessed","UserType":5,"UserId":"S-1-5-18","AppAccessContext":%}"#,
    r#"{"CreationTime":"2026-05-04T10:00:09","Workload":"Exchange","Operation":"MailItemsAccessed","UserType":5,"UserId":"S-1-5-18","ClientAppId":"b0000000-0000-4000-8000-000000000001","ClientInfoString":%}"#,
];

/// Decodes the record, whose beginning the first byte chooses; with high bytes the rest is a text within it.
pub fn office(bytes: &[u8]) {
    match bytes.split_first() {
        Some((choice @ 128.., rest)) => decode_within(WITHIN[usize::from(*choice) % WITHIN.len()], text(rest)),
        _ => decode_behind(&BEGINNINGS, bytes),
    }
}

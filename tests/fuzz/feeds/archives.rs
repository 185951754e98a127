//! Any bytes as a file that is searched: archives within archives, encodings, binary data.

use picket::scan::{Inspector, Outcome};
use picket_detectors::secrets::{FingerprintKey, Scanner};
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static INSPECTOR: RefCell<Inspector> =
        RefCell::new(Inspector::new(Scanner::shipped(FingerprintKey::default()), Arc::default()));
}

/// Searches them.
pub fn archives(bytes: &[u8]) {
    let mut outcome = Outcome::default();
    INSPECTOR.with_borrow_mut(|inspector| inspector.stream(&mut &*bytes, "file", &mut outcome));
    for notice in &outcome.notices {
        let _text = notice.to_string();
    }
}

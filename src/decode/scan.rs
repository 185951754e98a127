//! Where JSON values begin and end, found without parsing them: for what can't be parsed, and for limits.
//!
//! Works on bytes, knows only strings and brackets, and never fails on what is no JSON.

/// The first byte at or after `at` that is no white space.
pub(crate) fn past_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// The end of the value that begins at `at`; `None` where it is cut off.
pub(crate) fn end_of_value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => end_of_string(bytes, at),
        b'{' | b'[' => end_of_brackets(bytes, at),
        _ => {
            let rest = bytes.get(at..)?;
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}' | b'"');
            let length = rest.iter().position(is_end).unwrap_or(rest.len());
            Some(at + length.max(1))
        }
    }
}

/// The end of the string that begins at `at`; `None` where it is cut off.
pub(crate) fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

fn end_of_brackets(bytes: &[u8], at: usize) -> Option<usize> {
    end_of_open(bytes, at + 1, 1)
}

/// Where the last of `open` brackets is closed.
fn end_of_open(bytes: &[u8], mut at: usize, mut open: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = end_of_string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            _ => {}
        }
        at += 1;
        if open == 0 {
            return Some(at);
        }
    }
}

/// The end of the object one of whose members ends at `at`.
pub(super) fn end_of_rest(bytes: &[u8], at: usize) -> Option<usize> {
    end_of_open(bytes, at, 1)
}

/// How deep objects and lists are nested.
pub(super) fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest, mut at) = (0_usize, 0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = end_of_string(bytes, at).unwrap_or(bytes.len());
                continue;
            }
            b'{' | b'[' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    deepest
}

/// Where the value of the member `name` begins in the object that begins at `at`.
pub(super) fn member(bytes: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut at = past_space(bytes, at + 1);
    while bytes.get(at) == Some(&b'"') {
        let key_end = end_of_string(bytes, at)?;
        let key = bytes.get(at + 1..key_end - 1)?;
        let colon = past_space(bytes, key_end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let start = past_space(bytes, colon + 1);
        if key.eq_ignore_ascii_case(name.as_bytes()) {
            return Some(start);
        }
        at = past_space(bytes, end_of_value(bytes, start)?);
        if bytes.get(at) == Some(&b',') {
            at = past_space(bytes, at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        let text = br#"{"a":"}]\"{[","b":[1,{"c":2}]} tail"#;
        assert_eq!(end_of_value(text, 0), Some(text.len() - 5));
        assert_eq!(depth(text), 3);
    }

    #[test]
    fn what_is_cut_off_has_no_end() {
        for text in [&b"{"[..], b"[1,2", b"\"abc", b"{\"a\":\"b\\", b"[{]"] {
            assert_eq!(end_of_value(text, 0), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_member_is_found_behind_others_in_any_case() {
        let text = br#"{ "x" : {"records":1}, "Records" : [ 2 ] }"#;
        let found = member(text, 0, "records").expect("a member");
        assert_eq!(&text[found..], b"[ 2 ] }");
        assert_eq!(member(text, 0, "value"), None);
    }
}

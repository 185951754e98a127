//! Forms, as `application/x-www-form-urlencoded` writes them.

use zeroize::Zeroizing;

/// Writes a form in one buffer that is as long as it may get at once, so that growing leaves no copy behind.
pub(super) fn form(fields: &[(&str, &[u8])]) -> Zeroizing<Vec<u8>> {
    let longest = fields.iter().map(|(name, value)| name.len() + value.len() * 3 + 2).sum();
    let mut form = Zeroizing::new(Vec::with_capacity(longest));
    for (name, value) in fields {
        if !form.is_empty() {
            form.push(b'&');
        }
        form.extend_from_slice(name.as_bytes());
        form.push(b'=');
        value.iter().for_each(|byte| escape(*byte, &mut form));
    }
    form
}

fn escape(byte: u8, form: &mut Vec<u8>) {
    match byte {
        b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => form.push(byte),
        _ => form.extend([b'%', digit(byte >> 4), digit(byte & 15)]),
    }
}

fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + value - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_escaped_and_never_grow() {
        let written = form(&[("scope", b"https://a/.default"), ("client_secret", "a~b+c=\u{e9}".as_bytes())]);
        assert_eq!(&**written, b"scope=https%3A%2F%2Fa%2F.default&client_secret=a~b%2Bc%3D%C3%A9");
        let worst = form(&[("a", &[0xff; 100])]);
        assert!(worst.len() <= worst.capacity() && worst.capacity() == 1 + 300 + 2);
    }
}

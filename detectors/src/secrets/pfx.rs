//! PFX files (PKCS #12): a private key and its certificate in one. The key is encrypted; the certificate is not always, and
//! then it tells whose the key is.

use super::candidate::{Candidate, Scene};
use super::certificate::Thumbprints;
use super::der::{self, Element, elements, sequence};
use super::encoding::base64;
use super::sighting::{Reason, Sureness};
use std::ops::Range;
use zeroize::Zeroizing;

/// The version (3) and the beginning of what follows it: in Base64, six characters behind the beginning; and as it is,
/// four bytes behind.
pub(super) const LITERALS: [&[u8]; 2] = [b"IBAzCC", &[der::INTEGER, 1, 3, der::SEQUENCE, 0x82]];

/// The longest file, in bytes.
const LONGEST: usize = 64 << 10;

/// The shortest part of a file that is reported, in bytes.
const SHORTEST: usize = 300;

/// The length of what says how long the file is.
const HEADER: usize = 4;

/// `1.2.840.113549.1.7.1`: data that is not encrypted.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
/// `1.2.840.113549.1.12.10.1.3`: a certificate.
const CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
/// `1.2.840.113549.1.9.21`: which key belongs to which certificate.
const LOCAL_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 21];

/// The file around one of the literals.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    const BEGINNING: usize = 48;
    let [in_base64, plain] = LITERALS;
    let found = scene.text.get(literal.clone())?;
    let span = if found == in_base64 {
        in_digits(scene.text, literal.start.checked_sub(6)?)?
    } else {
        debug_assert_eq!(found, plain, "there are two literals");
        let start = literal.start.checked_sub(HEADER)?;
        let whole = length(scene.text.get(start..)?)?;
        start..scene.text.len().min(start + whole)
    };
    let file = scene.text.get(span.clone())?;
    let beginning = bytes(file.get(..file.len().min(BEGINNING * 4))?)?;
    let names_data = beginning.get(..BEGINNING)?.windows(DATA.len() - 1).any(|part| DATA.starts_with(part));
    let decoded = if found == in_base64 { span.len() / 4 * 3 } else { span.len() };
    (names_data && decoded >= SHORTEST).then(|| Candidate::sure(span, Sureness::High, Reason::StructureReads))
}

/// The whole length of the element that begins here.
fn length(der: &[u8]) -> Option<usize> {
    let [der::SEQUENCE, 0x82, high, low, ..] = der else { return None };
    let length = HEADER + usize::from(u16::from_be_bytes([*high, *low]));
    (length <= LONGEST).then_some(length)
}

/// Where a file in Base64 ends that begins here: its own first bytes say how long it is. Lines may be broken.
fn in_digits(text: &[u8], start: usize) -> Option<Range<usize>> {
    const FIRST: usize = 8;
    let header = base64(text.get(start..start + FIRST)?)?;
    let digits = length(&header)?.div_ceil(3) * 4;
    let (mut count, mut end, mut at) = (0, start, start);
    while let Some(byte) = text.get(at).filter(|_| count < digits) {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'+' | b'/' | b'=' => {
                count += 1;
                end = at + 1;
            }
            b'\n' | b'\r' | b' ' | b'\t' => {}
            b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r')) => at += 1,
            _ => break,
        }
        at += 1;
    }
    Some(start..end)
}

/// The file itself, decoded if need be; what is cut off is as it is.
fn bytes(file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if file.first() == Some(&der::SEQUENCE) && file.get(1) == Some(&0x82) {
        return Some(Zeroizing::new(file.to_vec()));
    }
    let mut digits = Zeroizing::new(Vec::with_capacity(file.len()));
    let mut rest = file.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            b'\\' => drop(rest.next()),
            other => digits.push(other),
        }
    }
    let whole = digits.iter().filter(|digit| !digit.is_ascii_whitespace()).count() / 4 * 4;
    let mut count = 0;
    digits.retain(|digit| {
        let is_digit = !digit.is_ascii_whitespace() && count < whole;
        count += usize::from(is_digit);
        is_digit
    });
    base64(&digits)
}

/// The thumbprints of the certificate in a file, if it can be read: of its key's, or of the first.
pub(super) fn thumbprints(file: &[u8]) -> Option<Thumbprints> {
    let is_pfx = file.starts_with(b"MII") || file.starts_with(&[der::SEQUENCE, 0x82]);
    let file = is_pfx.then(|| bytes(file)).flatten()?;
    let outer = elements(sequence(&file)?).nth(1)?;
    let safe = data(&outer)?;
    let contents = elements(sequence(safe)?).filter_map(|part| data(&part)).filter_map(sequence);
    let bags = contents.flat_map(elements);
    let mut certificates = bags.filter_map(|bag| certificate(&bag)).peekable();
    let first = certificates.peek().map(|(certificate, _)| *certificate);
    let own = certificates.find(|(_, has_key)| *has_key).map(|(certificate, _)| certificate);
    own.or(first).map(Thumbprints::of)
}

/// What stands in a `ContentInfo` that is not encrypted.
fn data<'a>(content: &Element<'a>) -> Option<&'a [u8]> {
    let mut parts = elements(content.content);
    let kind = parts.next().filter(|kind| kind.tag == der::OBJECT && kind.content == DATA);
    let inner = elements(kind.and(parts.next())?.content).next()?;
    (inner.tag == der::OCTET_STRING).then_some(inner.content)
}

/// The certificate in a bag, and whether a key of the file says that it is its own.
fn certificate<'a>(bag: &Element<'a>) -> Option<(&'a [u8], bool)> {
    let mut parts = elements(bag.content);
    let kind = parts.next().filter(|kind| kind.content == CERTIFICATE);
    let wrapped = elements(kind.and(parts.next())?.content).next()?;
    let inner = elements(wrapped.content).nth(1)?;
    let certificate = elements(inner.content).next().filter(|one| one.tag == der::OCTET_STRING)?;
    let attributes = parts.next().map_or(&[][..], |attributes| attributes.content);
    let has_key = memchr::memmem::find(attributes, LOCAL_KEY).is_some();
    Some((certificate.content, has_key))
}

#[cfg(test)]
mod tests {
    use super::super::path::Place;
    use super::super::rule::template::encode_standard;
    use super::*;
    use proptest::prelude::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x82][..], &u16::try_from(content.len()).unwrap_or_default().to_be_bytes(), content].concat()
    }

    fn oid(oid: &[u8]) -> Vec<u8> {
        [&[der::OBJECT, oid.len() as u8], oid].concat()
    }

    fn bag(certificate: &[u8], has_key: bool) -> Vec<u8> {
        let held = element(0xa0, &element(der::OCTET_STRING, certificate));
        let value = element(0xa0, &element(der::SEQUENCE, &[oid(&[1, 2]), held].concat()));
        let key = element(der::SEQUENCE, &oid(LOCAL_KEY));
        let attributes = if has_key { element(0x31, &key) } else { Vec::new() };
        element(der::SEQUENCE, &[oid(CERTIFICATE), value, attributes].concat())
    }

    fn info(content: &[u8]) -> Vec<u8> {
        element(der::SEQUENCE, &[oid(DATA), element(0xa0, &element(der::OCTET_STRING, content))].concat())
    }

    /// A file whose certificates stand open beside something encrypted.
    fn pfx(bags: &[Vec<u8>]) -> Vec<u8> {
        let encrypted = element(der::SEQUENCE, &[oid(&[9, 9]), vec![7; 400]].concat());
        let safe = element(der::SEQUENCE, &[encrypted, info(&element(der::SEQUENCE, &bags.concat()))].concat());
        element(der::SEQUENCE, &[vec![der::INTEGER, 1, 3], info(&safe)].concat())
    }

    fn found(text: &[u8]) -> Option<Range<usize>> {
        let scene = Scene { text, place: Place::Plain, name: None };
        let literal = LITERALS.iter().find_map(|one| Some((memchr::memmem::find(text, one)?, one.len())))?;
        recognise(&scene, &(literal.0..literal.0 + literal.1)).map(|candidate| candidate.span)
    }

    #[test]
    fn the_certificate_of_the_key_is_read_however_the_file_is_written() {
        let file = pfx(&[bag(b"of an issuer", false), bag(b"of the key", true)]);
        let digits = encode_standard(&file);
        let lines: Vec<&str> = digits.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        for (text, length) in [
            (file.clone(), file.len()),
            (digits.clone().into_bytes(), digits.len()),
            (lines.join("\n").into_bytes(), lines.join("\n").len()),
            (lines.join("\\r\\n").into_bytes(), lines.join("\\r\\n").len()),
        ] {
            let around = [b"pfx: ", &text[..], b"\npassword: x"].concat();
            let span = found(&around).expect("a file");
            assert_eq!(span, 5..5 + length);
            assert_eq!(thumbprints(&around[span]), Some(Thumbprints::of(b"of the key")));
        }
        let without = pfx(&[bag(b"first", false), bag(b"second", false)]);
        assert_eq!(thumbprints(&without), Some(Thumbprints::of(b"first")));
        assert_eq!(thumbprints(&pfx(&[])), None);
    }

    #[test]
    fn a_file_that_is_cut_off_is_found_and_other_der_is_none() {
        let file = pfx(&[bag(b"of the key", true)]);
        assert_eq!(found(&file[..350]), Some(0..350));
        assert_eq!(found(&file[..200]), None);
        let other = element(der::SEQUENCE, &[vec![der::INTEGER, 1, 3], element(der::SEQUENCE, &[5; 500])].concat());
        assert_eq!(found(&other), None);
    }

    proptest! {
        #[test]
        fn altered_files_are_no_reason_to_fail(at in 0..700_usize, byte in any::<u8>(), cut in 0..900_usize) {
            let mut file = pfx(&[bag(b"of an issuer", false), bag(b"of the key", true)]);
            let last = file.len() - 1;
            file[at.min(last)] = byte;
            file.truncate(cut);
            let _ = (found(&file), thumbprints(&file), found(encode_standard(&file).as_bytes()));
        }
    }
}

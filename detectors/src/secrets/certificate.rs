//! Certificates beside private keys: the thumbprint by which an identity provider knows a key.
//!
//! A private key holds its public part, a certificate holds one too, so it is certain which certificate of a chain is the
//! key's. Where the key cannot be read (it is encrypted, or no more than its first lines are here), the nearest counts.

use super::der::{self, elements, sequence};
use super::encoding::base64;
use compact_str::CompactString;
use memchr::memmem;
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use zeroize::Zeroizing;

/// The most certificates of one text that are looked at.
const MOST: usize = 32;

/// How far from a key that cannot be read its certificate may stand.
const NEAR: usize = 32 << 10;

/// The longest block in PEM.
const LONGEST: usize = 16 << 10;

/// The certificates of a text.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    certificates: Vec<Certificate>,
}

#[derive(Debug)]
struct Certificate {
    start: usize,
    thumbprints: Thumbprints,
    /// The modulus, or the point of a curve.
    public: Vec<u8>,
}

/// A certificate's sums in capital hex digits, as exports of an inventory are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thumbprints {
    /// What Entra's `customKeyIdentifier` usually holds.
    pub(super) sha1: CompactString,
    /// What `x5t#S256` holds, in other digits.
    pub(super) sha256: CompactString,
}

impl Thumbprints {
    /// Of a certificate in DER.
    pub(super) fn of(der: &[u8]) -> Self {
        Self { sha1: hex(&sha1_smol::Sha1::from(der).digest().bytes()), sha256: hex(&Sha256::digest(der)) }
    }
}

impl Certificates {
    /// Reads those that stand in PEM, escaped or not.
    pub(super) fn of(text: &[u8]) -> Self {
        const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
        let read = |start: usize| {
            let der = block(text, start, start + BEGIN.len())?;
            let certificate = elements(&der).next()?;
            let public = public_of_certificate(certificate.whole)?.to_vec();
            Some(Certificate { start, thumbprints: Thumbprints::of(certificate.whole), public })
        };
        Self { certificates: memmem::find_iter(text, BEGIN).take(MOST).filter_map(read).collect() }
    }

    /// The thumbprints of the certificate of the private key that stands here.
    pub(super) fn of_key(&self, text: &[u8], key: &Range<usize>) -> Option<Thumbprints> {
        if self.certificates.is_empty() {
            return None;
        }
        let der = body_start(text, key).and_then(|body| block(text, key.start, body));
        let found = if let Some(public) = der.as_ref().and_then(|der| public_of_key(der)) {
            self.certificates.iter().find(|certificate| certificate.public == public)
        } else {
            let distance = |certificate: &&Certificate| certificate.start.abs_diff(key.start);
            self.certificates.iter().min_by_key(distance).filter(|nearest| distance(nearest) <= NEAR)
        };
        found.map(|certificate| certificate.thumbprints.clone())
    }
}

/// Where the body of a block begins whose first line begins a range.
fn body_start(text: &[u8], block: &Range<usize>) -> Option<usize> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const LONGEST_LABEL: usize = 48;
    let label = block.start + BEGIN.len();
    let line = text.get(block.start..text.len().min(label + LONGEST_LABEL))?.strip_prefix(BEGIN)?;
    memmem::find(line, b"-----").map(|dashes| label + dashes + 5)
}

/// The bytes of a block in PEM that begins at `start`, its body at `body`. Line breaks may be escaped, and lines may
/// begin with the sign of a diff.
fn block(text: &[u8], start: usize, body: usize) -> Option<Zeroizing<Vec<u8>>> {
    let sign = match text.get(..start)? {
        [sign @ (b'+' | b'-' | b' ')]
        | [.., b'\n' | b'"', sign @ (b'+' | b'-' | b' ')]
        | [.., b'\\', b'n', sign @ (b'+' | b'-' | b' ')] => Some(*sign),
        _ => None,
    };
    let inside = text.get(body..text.len().min(body + LONGEST))?;
    let inside = inside.get(..memmem::find(inside, b"-----END").unwrap_or(inside.len()))?;
    // Never reallocated, so no stray copy of a key stays behind.
    let mut digits = Zeroizing::new(Vec::with_capacity(inside.len()));
    let mut bytes = inside.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\n' => drop(bytes.next_if(|next| Some(**next) == sign)),
            b'\\' => {
                // `\n`, `\\n`: the letter is no part of the body.
                while bytes.next_if(|next| **next == b'\\').is_some() {}
                if bytes.next() == Some(&b'n') {
                    bytes.next_if(|next| Some(**next) == sign);
                }
            }
            _ if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') => digits.push(byte),
            b' ' | b'\t' | b'\r' | b'"' | b'\'' | b',' => {}
            // A header of an encrypted key, or no body at all.
            _ => return None,
        }
    }
    base64(&digits)
}

/// The public part of a private key: the modulus of RSA, the point of a curve if the key holds it.
fn public_of_key(der: &[u8]) -> Option<&[u8]> {
    let fields = sequence(der)?;
    let [version, second] = elements(fields).take(2).collect::<Vec<_>>().try_into().ok()?;
    match (version.tag, second.tag) {
        // PKCS #1: version, modulus, …
        (der::INTEGER, der::INTEGER) => der::unsigned(&second),
        // PKCS #8: version, algorithm, the key of the other two forms.
        (der::INTEGER, der::SEQUENCE) => {
            let inner = elements(fields).nth(2).filter(|third| third.tag == der::OCTET_STRING)?;
            let is_wrapped = sequence(inner.content)
                .is_some_and(|fields| elements(fields).nth(1).is_some_and(|second| second.tag == der::SEQUENCE));
            if is_wrapped { None } else { public_of_key(inner.content) }
        }
        // SEC 1: version, key, [0] curve, [1] point.
        (der::INTEGER, der::OCTET_STRING) => {
            const POINT: u8 = 0xa1;
            let point = elements(fields).find(|field| field.tag == POINT)?;
            der::bits(&elements(point.content).next()?)
        }
        _ => None,
    }
}

/// The public part of a certificate.
fn public_of_certificate(der: &[u8]) -> Option<&[u8]> {
    /// What stands before the key: serial number, algorithm, issuer, validity, subject; before them, perhaps, the version.
    const BEFORE: usize = 5;
    const VERSION: u8 = 0xa0;
    let signed = sequence(sequence(der)?)?;
    let mut fields = elements(signed).skip_while(|field| field.tag == VERSION).skip(BEFORE);
    let key = fields.next().filter(|field| field.tag == der::SEQUENCE)?;
    let bits = der::bits(&elements(key.content).nth(1)?)?;
    match sequence(bits) {
        Some(rsa) => der::unsigned(&elements(rsa).next()?),
        None => Some(bits),
    }
}

/// Bytes in capital hex digits.
fn hex(bytes: &[u8]) -> CompactString {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'?'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rule::template::encode_standard;
    use super::*;
    use proptest::prelude::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = match content.len() {
            short @ 0..0x80 => vec![short as u8],
            long => vec![0x82, (long >> 8) as u8, long as u8],
        };
        [&[tag][..], &length, content].concat()
    }

    fn numbers(numbers: &[&[u8]]) -> Vec<u8> {
        element(der::SEQUENCE, &numbers.iter().flat_map(|number| element(der::INTEGER, number)).collect::<Vec<_>>())
    }

    /// The bones of a certificate: only what is read has a meaning.
    fn certificate(modulus: &[u8]) -> Vec<u8> {
        let empty = element(der::SEQUENCE, &[]);
        let bits = [&[0][..], &numbers(&[modulus, &[1, 0, 1]])].concat();
        let key = element(der::SEQUENCE, &[empty.clone(), element(der::BIT_STRING, &bits)].concat());
        let version = element(0xa0, &element(der::INTEGER, &[2]));
        let serial = element(der::INTEGER, &[7]);
        let signed = [&version[..], &serial, &empty, &empty, &empty, &empty, &key].concat();
        element(der::SEQUENCE, &[element(der::SEQUENCE, &signed), empty].concat())
    }

    fn pem(label: &str, der: &[u8]) -> String {
        let body = encode_standard(der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    fn key(modulus: &[u8]) -> Vec<u8> {
        numbers(&[&[0], modulus, &[1, 0, 1], &[5; 64], &[6; 64]])
    }

    fn thumbprint_in(text: &str) -> Option<Thumbprints> {
        let start = text.find("-----BEGIN PRIVATE").or_else(|| text.find("-----BEGIN RSA"))?;
        Certificates::of(text.as_bytes()).of_key(text.as_bytes(), &(start..text.len()))
    }

    #[test]
    fn the_certificate_of_a_chain_that_has_the_keys_public_part_is_the_keys() {
        let (ours, other) = (certificate(&[0, 0xc1, 9, 8]), certificate(&[0, 0xc2, 7, 6]));
        let chain = pem("CERTIFICATE", &other) + &pem("CERTIFICATE", &ours);
        let wrapped = [
            element(der::INTEGER, &[0]),
            element(der::SEQUENCE, &[]),
            element(der::OCTET_STRING, &key(&[0, 0xc1, 9, 8])),
        ];
        let wrapped = element(der::SEQUENCE, &wrapped.concat());
        for private in [pem("RSA PRIVATE KEY", &key(&[0, 0xc1, 9, 8])), pem("PRIVATE KEY", &wrapped)] {
            let plain = format!("{private}{chain}");
            let json = plain.replace('\n', "\\n");
            let diff: String = plain.lines().flat_map(|line| ["+", line, "\n"]).collect();
            let patch = format!("\"{}\"", diff.replace('\n', "\\n"));
            for text in [plain, json.clone(), json.replace("\\n", "\\\\n"), diff, patch] {
                assert_eq!(thumbprint_in(&text), Some(Thumbprints::of(&ours)), "{text}");
            }
        }
    }

    #[test]
    fn a_key_without_its_certificate_has_none_and_an_unreadable_one_takes_the_nearest() {
        let other = certificate(&[0, 0xc2, 7, 6]);
        let chain = pem("CERTIFICATE", &other);
        assert_eq!(thumbprint_in(&(pem("RSA PRIVATE KEY", &key(&[0, 0xc1, 9, 8])) + &chain)), None);
        let encrypted =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(thumbprint_in(&(encrypted.to_owned() + &chain)), Some(Thumbprints::of(&other)));
        assert_eq!(thumbprint_in(&(encrypted.to_owned() + &" ".repeat(NEAR) + &chain)), None);
    }

    #[test]
    fn the_thumbprint_is_the_sum_of_the_whole_certificate() {
        let thumbprints = Thumbprints::of(b"abc");
        assert_eq!(thumbprints.sha1, "A9993E364706816ABA3E25717850C26C9CD0D89D");
        assert_eq!(thumbprints.sha256, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    }

    proptest! {
        #[test]
        fn any_bytes_are_no_reason_to_fail(der in prop::collection::vec(any::<u8>(), 0..300), cut in 0..400_usize) {
            let text = pem("CERTIFICATE", &der) + &pem("RSA PRIVATE KEY", &der);
            thumbprint_in(text.get(..cut.min(text.len())).unwrap_or_default());
            thumbprint_in(&text);
            public_of_key(&der);
            public_of_certificate(&der);
        }
    }
}

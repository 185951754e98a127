//! What a rule may ask of a candidate beyond its pattern: sums, structure, well-known values.
//!
//! A check that passes proves; one that fails makes less sure, and silences only what is certainly no secret.

use super::encoding::{base32, base62, base64, crc32};
use super::sighting::{OwnerHints, Reason, Sureness};
use super::{entropy, jwt, marvin};
use compact_str::{CompactString, format_compact};
use serde::Deserialize;

/// A check by name, as rules write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Check {
    /// Entra client secret: Marvin32 in the last three characters.
    EntraChecksum,
    /// GitHub's and npm's tokens: CRC-32 in the last six characters.
    GithubChecksum,
    /// As before, where it is not certain that all tokens carry it: only a pass counts.
    MaybeGithubChecksum,
    /// Azure DevOps, the old form: CRC-32 spread over the decoded bytes.
    DevopsChecksum,
    /// The common annotated key of Azure: signature, date, provider.
    AnnotatedKey,
    /// AWS key id: tells the account.
    AwsKeyId,
    /// Amazon Bedrock's long-lived key: Base64 of a known text.
    BedrockKey,
    /// JSON Web Token.
    Jwt,
    /// Base64 of `user:password`.
    BasicAuth,
    /// Base64 of whole bytes.
    Base64,
    /// Base64 of 32 or 64 bytes, as keys are.
    KeyBytes,
    /// No password that everybody tries first, no reference, no stand-in.
    Strong,
    /// Letters and digits both.
    Mixed,
    /// Capitals, small letters and digits.
    MixedCase,
    /// Not made of words.
    Random,
    /// Not made of words, or of words with a number and a sign, as rules for passwords ask for.
    Password,
    /// Not a GUID that everybody has.
    Guid,
    /// Public by design: at most medium.
    Public,
    /// Worth at most a look.
    Weak,
    /// Base64 that begins with a JSON object.
    Json,
}

/// A candidate while it is judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// How sure.
    pub(super) sureness: Sureness,
    /// Why.
    pub(super) reasons: Vec<Reason>,
    /// What the candidate itself tells of its owner.
    pub(super) owner: OwnerHints,
}

impl Verdict {
    /// A check passed that nothing passes by chance.
    fn prove(&mut self, reason: Reason) {
        self.sureness = Sureness::High;
        self.reasons.insert(0, reason);
    }

    /// Proves or doubts.
    fn settle(&mut self, holds: bool, proof: Reason, doubt: Reason) {
        if holds {
            self.prove(proof);
        } else {
            self.doubt(doubt);
        }
    }

    /// The structure reads, which proves nothing, or it does not.
    fn note(&mut self, reads: bool) {
        if reads {
            self.reasons.insert(0, Reason::StructureReads);
        } else {
            self.doubt(Reason::StructureFails);
        }
    }

    /// A check failed.
    pub(super) fn doubt(&mut self, reason: Reason) {
        self.sureness = self.sureness.lower();
        self.reasons.push(reason);
    }

    /// At most this sure.
    fn cap(&mut self, most: Sureness, reason: Reason) {
        self.sureness = self.sureness.min(most);
        self.reasons.push(reason);
    }

    /// Whether a checksum proves it.
    pub(super) fn is_proven(&self) -> bool {
        self.reasons.contains(&Reason::ChecksumHolds)
    }
}

impl Check {
    /// Judges a candidate; `None` if it is certainly no secret.
    pub(super) fn apply(self, secret: &[u8], verdict: &mut Verdict) -> Option<()> {
        match self {
            Self::EntraChecksum => entra(secret, verdict),
            Self::GithubChecksum => verdict.settle(github(secret), Reason::ChecksumHolds, Reason::ChecksumFails),
            Self::MaybeGithubChecksum => {
                if github(secret) {
                    verdict.prove(Reason::ChecksumHolds);
                }
            }
            Self::DevopsChecksum => {
                verdict.settle(devops(secret) == Some(true), Reason::ChecksumHolds, Reason::ChecksumFails);
            }
            Self::AnnotatedKey => verdict.settle(annotated(secret), Reason::StructureReads, Reason::StructureFails),
            Self::AwsKeyId => aws(secret, verdict)?,
            Self::BedrockKey => verdict.settle(
                base64(secret).is_some_and(|key| key.starts_with(b"BedrockAPIKey-")),
                Reason::StructureReads,
                Reason::StructureFails,
            ),
            Self::Jwt => token(secret, verdict),
            Self::BasicAuth => basic(secret, verdict)?,
            Self::Base64 => drop(base64(secret)?),
            Self::KeyBytes => {
                base64(secret).filter(|key| key.len().is_multiple_of(16))?;
            }
            Self::Strong => {
                let is_weak = super::password::is_weak(secret)
                    || super::expression::is_reference(secret, None, super::expression::Written::Quoted)
                    || entropy::is_placeholder(secret);
                (!is_weak).then_some(())?;
                if is_word(secret) {
                    verdict.cap(Sureness::Low, Reason::ExampleText);
                }
            }
            Self::Mixed => (has(secret, u8::is_ascii_digit) && has(secret, u8::is_ascii_alphabetic)).then_some(())?,
            Self::MixedCase => {
                let all = has(secret, u8::is_ascii_digit)
                    && has(secret, u8::is_ascii_uppercase)
                    && has(secret, u8::is_ascii_lowercase);
                all.then_some(())?;
            }
            Self::Random => (!super::words::is_wordy(secret)).then_some(())?,
            Self::Password => {
                (!super::words::is_wordy(secret) || super::password_form::follows_rules(secret)).then_some(())?;
            }
            Self::Guid => {
                let distinct = entropy::bits_per_char(secret);
                (distinct >= 2.0).then_some(())?;
            }
            Self::Public => verdict.cap(Sureness::Medium, Reason::PublicByDesign),
            Self::Weak => verdict.sureness = Sureness::Low,
            Self::Json => {
                let is_json = base64(secret).is_some_and(|json| json.starts_with(b"{"));
                verdict.note(is_json);
            }
        }
        Some(())
    }
}

fn has(secret: &[u8], holds: impl Fn(&u8) -> bool) -> bool {
    secret.iter().any(holds)
}

/// Small letters alone, no more than a word has: `repopwd`.
fn is_word(secret: &[u8]) -> bool {
    const LONGEST: usize = 15;
    let rest = secret.get(1..).unwrap_or_default();
    secret.len() <= LONGEST && has(secret, u8::is_ascii_alphabetic) && rest.iter().all(u8::is_ascii_lowercase)
}

/// What is no current secret by its shape has no checksum to fail.
fn entra(secret: &[u8], verdict: &mut Verdict) {
    verdict.owner.hint = secret.get(..3).map(CompactString::from_utf8_lossy);
    let is_current = secret.len() == 40 && secret.get(3) == Some(&b'8');
    if is_current {
        let holds =
            secret.split_last_chunk::<{ marvin::LEN }>().is_some_and(|(body, sum)| marvin::checksum(body) == *sum);
        verdict.settle(holds, Reason::ChecksumHolds, Reason::ChecksumFails);
    }
}

fn github(secret: &[u8]) -> bool {
    let Some(underscore) = secret.iter().position(|byte| *byte == b'_') else { return false };
    let token = secret.get(underscore + 1..).unwrap_or_default();
    token.split_last_chunk::<6>().is_some_and(|(body, sum)| base62(crc32(body)) == *sum)
}

fn devops(secret: &[u8]) -> Option<bool> {
    const SEEDS: [u32; 2] = [0xe0b9_692d, 0x1019_f92e];
    let decoded = base32(secret).filter(|decoded| decoded.len() >= 32)?;
    let part = |range| decoded.get(range);
    let body = [part(0..2)?, part(3..7)?, part(9..22)?, part(23..32)?].concat();
    let at = |index: usize| decoded.get(index).copied();
    let sum = u32::from_le_bytes([at(22)?, at(8)?, at(7)?, at(2)?]);
    let crc = crc32(&body);
    Some(SEEDS.iter().any(|seed| crc ^ seed == sum))
}

/// 52 random characters, `JQQJ9`, a kind, a year, a month, platform and provider data, a provider's four characters, sum.
fn annotated(secret: &[u8]) -> bool {
    let Some([b'J', b'Q', b'Q', b'J', b'9', kind, year, month, ..]) = secret.get(52..) else { return false };
    matches!(kind, b'9' | b'D' | b'H') && year.is_ascii_alphanumeric() && matches!(month, b'A'..=b'L')
}

/// The account is written in the key id of all keys since about 2018.
fn aws(secret: &[u8], verdict: &mut Verdict) -> Option<()> {
    const EXAMPLE: &[u8] = b"EXAMPLE";
    if secret.ends_with(EXAMPLE) {
        return None;
    }
    verdict.owner.account = aws_account(secret);
    verdict.owner.key_id = Some(CompactString::from_utf8_lossy(secret));
    Some(())
}

/// The account that a key id names.
pub(super) fn aws_account(id: &[u8]) -> Option<CompactString> {
    id.get(4).filter(|fifth| **fifth >= b'Q')?;
    let decoded = base32(id.get(4..)?)?;
    let number = decoded.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    Some(format_compact!("{:012}", (number & 0x7fff_ffff_ff80) >> 7))
}

fn token(secret: &[u8], verdict: &mut Verdict) {
    let token = jwt::read(secret);
    verdict.note(token.has_header);
    if token.is_sample {
        verdict.cap(Sureness::Low, Reason::ExampleText);
    }
    if token.is_public {
        verdict.cap(Sureness::Low, Reason::PublicByDesign);
    }
    verdict.owner = token.owner;
}

fn basic(secret: &[u8], verdict: &mut Verdict) -> Option<()> {
    let decoded = base64(secret)?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (user, password) = (decoded.get(..colon)?, decoded.get(colon + 1..)?);
    let odd = decoded.iter().filter(|byte| !(0x20..0x7f).contains(*byte)).count();
    let is_template = matches!(password.first(), Some(b'$' | b'{' | b'<' | b'%'));
    let is_user = user.iter().all(u8::is_ascii_graphic);
    if odd * 16 > decoded.len() || !is_user || password.is_empty() || is_template {
        return None;
    }
    if super::password::is_weak(password) || entropy::is_placeholder(password) {
        verdict.cap(Sureness::Low, Reason::ExampleText);
    }
    verdict.owner.account = Some(CompactString::from_utf8_lossy(user));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(check: Check, secret: &str) -> Option<Verdict> {
        let mut verdict = Verdict { sureness: Sureness::Medium, reasons: Vec::new(), owner: OwnerHints::default() };
        check.apply(secret.as_bytes(), &mut verdict).map(|()| verdict)
    }

    #[test]
    fn the_published_entra_vector_is_proven() {
        let secret = format!("zzz8Q~{}blP", "z".repeat(31));
        assert!(judged(Check::EntraChecksum, &secret).is_some_and(|verdict| verdict.is_proven()));
        let altered = format!("zzz8Q~{}blQ", "z".repeat(31));
        assert_eq!(judged(Check::EntraChecksum, &altered).map(|verdict| verdict.sureness), Some(Sureness::Low));
    }

    #[test]
    fn a_published_key_id_tells_its_account() {
        let key = ["ASIA", "QNZGKIQY56JQ7WML"].concat();
        let owner = judged(Check::AwsKeyId, &key).map(|verdict| verdict.owner.account);
        assert_eq!(owner, Some(Some("029608264753".into())));
        assert_eq!(judged(Check::AwsKeyId, &["AKIAIOSFODNN7", "EXAMPLE"].concat()), None);
    }

    #[test]
    fn checksums_of_made_up_tokens_hold_and_of_altered_ones_fail() {
        let body = "0123456789abcdefghijABCDEFGHIJ";
        let sum = String::from_utf8_lossy(&base62(crc32(body.as_bytes()))).into_owned();
        assert!(github(format!("ghp_{body}{sum}").as_bytes()));
        assert!(!github(format!("ghp_{body}000000").as_bytes()));
    }
}

//! Passwords that protect nothing: those that documentation and tests use.

/// What everybody tries first.
const WEAK: &[&str] = &[
    "password",
    "passwd",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pass",
    "pwd",
    "secret",
    "root",
    "admin",
    "administrator",
    "guest",
    "test",
    "testing",
    "testpass",
    "testpassword",
    "user",
    "username",
    "foo",
    "bar",
    "baz",
    "foobar",
    "qwerty",
    "letmein",
    "example",
    "changeme",
    "changeit",
    "default",
    "mysql",
    "postgres",
    "postgresql",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "oracle",
    "tiger",
    "sa",
    "demo",
    "temp",
    "hello",
    "welcome",
    "mypassword",
    "mypass",
    "yourpassword",
    "your_password",
    "your-password",
    "dbpass",
    "dbpassword",
    "db_password",
    "userpass",
    "password1",
    "password123",
    "pass123",
    "admin123",
    "root123",
    "test123",
    "secret123",
    "abc123",
    "12345678",
    "123456",
    "1234",
    "12345",
    "123456789",
    "1234567890",
    "123",
    "xxx",
    "yyy",
    "aaa",
    "token",
    "my-password",
    "my_password",
    "my-secret",
    "mysecret",
    "my_secret",
    "supersecret",
    "super-secret",
    "super_secret",
    "s3cr3t",
    "s3cret",
    "hunter2",
    "pw",
    "pswd",
    "none",
    "null",
    "docker",
    "vagrant",
    "django",
    "rails",
    "app",
    "api",
    "key",
    "value",
    "string",
    "sekrit",
    "sesame",
    "opensesame",
    "open sesame",
    "scott",
    "anonymous",
];

/// How values begin that somebody published and that open nothing: the key of NIST's examples for AES, the secret in
/// Microsoft's documentation of OAuth, the keys of the Azurite and Cosmos DB emulators, the
/// examples in the documentation of AWS, Stripe and Kubernetes, those of the RFCs on OAuth, the keys that Firebase's own SDKs
/// carry for their tests, the key with which every reCAPTCHA passes.
const PUBLISHED: &[&str] = &[
    "Eby8vdM02xNOcqFl",
    "C2y6yDjf5/R+ob0N",
    "wJalrXUtnFEMI",
    "je7MtGbClwBF",
    "qWgdYAmab0YS",
    "0x2B, 0x7E, 0x15",
    "0x2b, 0x7e, 0x15",
    "sk_test_4eC39HqLy",
    "4eC39HqLyjWDarjt",
    "sk_test_BQokikJO",
    "BQokikJOvBiI2HlW",
    "abcd efgh ijkl",
    "2YotnFZFEjr1zCsi",
    "tGzv3JOkF0XG5Qx2",
    "SplxlOBeZQQYbYS6",
    "6LeIxAcTAAAAA",
    "MWYyZDFlMmU2N2Rm",
    "1f2d1e2e67df",
    "AIzaSyA4UrcGxgwQ",
    "AIzaSyA5_iVawFQ8",
    "AIzaSyA8vmApnrHN",
    "AIzaSyANUvH9H9Bs",
    "AIzaSyASWm6HmTMd",
    "AIzaSyAdOS2zB6NC",
    "AIzaSyAnLA7NfeLq",
    "AIzaSyB8qGxt4ec1",
    "AIzaSyBF2RrAIm4a",
    "AIzaSyBcE-OOIbhj",
    "AIzaSyCkEhVjf3pd",
    "AIzaSyD3asb-2pEZ",
    "AIzaSyDMAScliyLx",
    "AIzaSyDSb51JiIcB",
    "AIzayDNSXIbFmlXb",
];

/// Whether a secret is one that its vendor has published.
pub(super) fn is_published(secret: &[u8]) -> bool {
    PUBLISHED.iter().any(|start| secret.starts_with(start.as_bytes()))
}

/// Whether a password is one that everybody tries first, joints and the usual disguises (`$` for `s`) aside.
pub(super) fn is_weak(password: &[u8]) -> bool {
    const LONGEST: usize = 24;
    password.len() <= LONGEST && WEAK.iter().any(|weak| undisguised(password).eq(undisguised(weak.as_bytes())))
}

/// The characters that count, in small letters.
fn undisguised(password: &[u8]) -> impl Iterator<Item = u8> {
    password.iter().filter(|c| !matches!(c, b'_' | b'-' | b'.' | b' ')).map(|c| match c {
        b'$' | b'5' => b's',
        b'@' | b'4' => b'a',
        b'0' => b'o',
        b'3' => b'e',
        b'1' | b'!' => b'i',
        other => other.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_of_words_that_everybody_tries_hide_nothing() {
        for weak in ["password", "P@ssw0rd", "open_sesame", "super$ecret", "Test123"] {
            assert!(is_weak(weak.as_bytes()), "{weak}");
        }
        for other in ["kP3mW9tR", "correct horse", "Welcome2024"] {
            assert!(!is_weak(other.as_bytes()), "{other}");
        }
    }
}

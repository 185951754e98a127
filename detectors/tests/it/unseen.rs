//! Tokens of a vendor that no rule knows, in the places where people write them; and what stands in such places and is no
//! secret. All values are made up from a fixed seed.

use picket_detectors::secrets::{FingerprintKey, Origin, Scanner};

/// Digits of hex, of one case, of both.
const HEX: &str = "0123456789abcdef";
const SMALL: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const MIXED: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How vendors make tokens: a prefix, digits and how many.
const TOKENS: &[(&str, &str, usize)] = &[
    ("", HEX, 32),
    ("", HEX, 40),
    ("", HEX, 64),
    ("", SMALL, 24),
    ("", SMALL, 32),
    ("", MIXED, 20),
    ("", MIXED, 32),
    ("", MIXED, 40),
    ("", MIXED, 64),
    ("zbx_", MIXED, 32),
    ("zbx_", HEX, 40),
    ("zb-live-", MIXED, 28),
];

/// Where they are written; `@` is the token.
const PLACES: &[&str] = &[
    "ZORBLAX_API_KEY=@\n",
    "export ZORBLAX_TOKEN=\"@\"\n",
    "zorblax:\n  api_key: @\n  region: eu\n",
    "zorblax_token: @\n",
    "{\"zorblax\": {\"apiKey\": \"@\", \"id\": 3}}",
    "variable \"zorblax_api_token\" {\n  type = string\n  default = \"@\"\n}\n",
    "provider \"zorblax\" {\n  token = \"@\"\n}\n",
    "private const string ZorblaxApiKey = \"@\";",
    "client = Zorblax(api_key='@')\n",
    "zorblax login --token @\n",
    "<zorblaxApiKey>@</zorblaxApiKey>",
    "<add key=\"ZorblaxApiKey\" value=\"@\" />",
    "<key>ZorblaxAPIKey</key>\n<string>@</string>",
    "<meta-data android:name=\"com.zorblax.API_KEY\" android:value=\"@\" />",
    "zorblax.api.key=@\n",
    "curl -H \"X-Zorblax-Key: @\" https://api.zorblax.io",
    "curl -H \"Authorization: Bearer @\" https://api.zorblax.io",
    "https://api.zorblax.io/v1/items?api_key=@&x=1",
    "Endpoint=https://x.zorblax.io;AccessKey=@;Version=1",
    "const zorblaxToken = \"@\";",
    "zorblaxKey := \"@\"",
    "System.setProperty(\"ZORBLAX_KEY\", \"@\");",
    "define('ZORBLAX_KEY', '@');",
    "\"zorblaxToken\" => \"@\"",
    "my zorblax api key is @\n",
    "Zorblax token: @\n",
    "ENV ZORBLAX_TOKEN @\n",
    "{\"body\":\"{\\\"zorblax_token\\\":\\\"@\\\"}\"}",
    "ZORBLAX_CLIENT_SECRET=@",
    "$env:ZORBLAX_TOKEN = '@'",
    "public string ZorblaxApiKey { get; private set; } = \"@\";",
    "ZORBLAX_TOKEN = os.getenv(\"ZORBLAX_TOKEN\") or \"@\"",
    "  ZorblaxApiKey:\n    Type: String\n    NoEcho: true\n    Default: @\n",
    "\"zorblaxApiKey\": {\"type\": \"securestring\", \"defaultValue\": \"@\"}",
    "gh secret set ZORBLAX --body @\n",
    "4,ZORBLAX_API_KEY,@,prod\n",
    ":zorblax_api_key: @\n",
    "<string name=\"zorblax_api_key\" translatable=\"false\">@</string>",
];

/// What is no secret; `@` is forty digits of hex, `#` a GUID.
const HARMLESS: &[&str] = &[
    "{\"id\": \"#\", \"name\": \"x\"}",
    "AZURE_CLIENT_ID=#",
    "secret: projects/123456789012/secrets/db-password/versions/3",
    "password = \"@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/db/0)\"",
    "uses: actions/checkout@@",
    "rev = \"@\"",
    "commit @",
    "public_key: @",
    "password: ENC[AES256_GCM,data:@,iv:@,tag:@,type:str]",
    "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  @\n",
    "db::password: ENC[PKCS7,@]",
    "spring.datasource.password=ENC(@)",
    "password: ${{ secrets.DB_PASSWORD }}",
    "password = var.db_password",
    "password: {{ .Values.db.password | quote }}",
    "api_key = os.getenv(\"API_KEY\")",
    "password: \"%env(DB_PASSWORD)%\"",
    "password: vault:secret/data/prod/db#password",
    "password: op://Prod/db/password",
    "\"password\": \"Passwort\", \"forgotPassword\": \"Passwort vergessen?\"",
    ".token-keyword-control-2x{color:#a0b1c2}",
    "this.password = password; this.apiKey = options.apiKey;",
    "def login(self, password=None, token=None, api_key: str = \"\") -> None:",
    "private static final String PASSWORD_KEY = \"user.password.hash\";",
    "const TOKEN_TYPE = \"urn:ietf:params:oauth:token-type:access_token\";",
    "API_KEY=<your-api-key>",
    "API_KEY=your_api_key_here",
    "SECRET_KEY=replace-me-with-a-long-random-string",
    "token: xxxxxxxxxxxxxxxxxxxxxxxx",
    "mongodb://admin:****@db.acme.io",
    "ETag: \"@\"",
    "request_id=@",
    "InstrumentationKey=#",
    "secretKeyRef:\n  name: db-secret\n  key: password",
    "postgres://${USER}:${PASS}@db/app",
    "\"password\": {\"type\": \"string\", \"format\": \"password\"}",
    "permissions:\n  id-token: write\nwith:\n  client-id: #\n  tenant-id: #\n",
    "The password must contain at least 12 characters.",
    "private_key_path = \"~/.ssh/id_ed25519\"",
    "role: arn:aws:iam::123456789012:role/deploy-token-rotator",
    "certificateThumbprint: @",
    "\"nextPageToken\": \"@\"",
    "<input type=\"hidden\" name=\"csrf_token\" value=\"@\">",
    "<UserSecretsId>#</UserSecretsId>",
    "Server=db;Database=x;Trusted_Connection=True;",
    "cache.prod.internal:6380,password=<password>,ssl=True",
    "data:\n  BOX_CLIENT_SECRET: WU9VUl9BUElfS0VZ\n",
    "data:\n  API_TOKEN: dG8tYmUtZmlsbGVkLWJ5LXBpcGVsaW5l\n",
    "data:\n  LOGGLY_TOKEN: JChMT0dHTFlfVE9LRU4p\n",
    "data:\n  CLIENT_SECRET: UkVQTEFDRV9NRV9CRUZPUkVfREVQTE9Z\n",
    "{\"login.password\": \"Password: must be at least 12 characters\"}",
    "data:\n  db-password: dG8tYmUtZmlsbGVkLWJ5LXBpcGVsaW5l\n",
    "encryptedData:\n  API_KEY: AgC@@@@@@@@\n",
    "SNOWFLAKE_PASSWORD=****9yDR",
    "https://graph.microsoft.com/v1.0/users?$skiptoken=@@@@",
    "{\"deltaToken\": \"@@\"}",
    "<input name=\"__RequestVerificationToken\" type=\"hidden\" value=\"@@@\">",
    "<instrumentationKey>#</instrumentationKey>",
    "<zorblaxSecretKey>${env.ZORBLAX_SECRET_KEY}</zorblaxSecretKey>\n<traceId>@</traceId>",
    "secret_arn = \"arn:aws:secretsmanager:eu-west-1:948733665004:secret:ingest/db-pyAaL4\"",
    "SLACK_TOKEN=xoxb-****-****-fIel",
    "password: pbkdf2_sha256$600000$@$@",
    "db_password = \"AQICAH@@@@\"",
    "dsn = f\"postgresql://app:password@{host}/app\"",
    "echo \"$ZORBLAX_TOKEN\" | gh secret set ZORBLAX",
];

/// A generator of numbers that look random.
struct Random(u64);

impl Random {
    fn text(&mut self, digits: &str, length: usize) -> String {
        let digits: Vec<char> = digits.chars().collect();
        let next = |_| {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            digits[(self.0 >> 33) as usize % digits.len()]
        };
        (0..length).map(next).collect()
    }
}

fn scanner() -> Scanner {
    Scanner::shipped(FingerprintKey::default())
}

#[test]
fn tokens_of_a_vendor_that_no_rule_knows_are_found_where_a_name_says_what_they_are() {
    const EACH: usize = 5;
    const LEAST: f64 = 0.97;
    let (scanner, mut random) = (scanner(), Random(3));
    let (mut found, mut all) = (0_u32, 0_u32);
    for place in PLACES {
        for (prefix, digits, length) in TOKENS {
            for _ in 0..EACH {
                let text = place.replace('@', &format!("{prefix}{}", random.text(digits, *length)));
                let is_found = !scanner.scan(text.as_bytes(), &Origin::default()).is_empty();
                all += 1;
                found += u32::from(is_found);
                if !is_found {
                    println!("missed: {text:?}");
                }
            }
        }
    }
    let share = f64::from(found) / f64::from(all);
    println!("{found} of {all} made-up tokens of an unknown vendor found: {share:.3}");
    assert!(share >= LEAST, "{share:.3}");
}

#[test]
fn what_stands_in_such_places_and_is_no_secret_stays_silent() {
    const EACH: usize = 5;
    let (scanner, mut random) = (scanner(), Random(5));
    for place in HARMLESS {
        for _ in 0..EACH {
            let guid = [8, 4, 4, 4, 12].map(|length| random.text(HEX, length)).join("-");
            let text = place.replace('@', &random.text(HEX, 40)).replace('#', &guid);
            let found = scanner.scan(text.as_bytes(), &Origin::default());
            let rules: Vec<_> = found.iter().map(|one| (&one.rule, one.confidence)).collect();
            assert!(rules.is_empty(), "{rules:?} in {text:?}");
        }
    }
}

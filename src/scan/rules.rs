//! The rules, each with texts that it finds and texts that it must not find.
//!
//! The texts are built at run time, so that no key is in the source; a test proves each of them.

use serde::Serialize;

/// The rules' names, most certain first; if two find the same key, the more certain one is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleId {
    /// The fingerprint of a key in the profiles.
    KnownKey,
    /// The legacy API's shape.
    LegacyShape,
    /// The value of a name that contains getimg and key.
    Assignment,
    /// A Bearer token near the vendor's name.
    Bearer,
    /// `sk_…` near the vendor's name.
    NearGetimg,
}

/// One rule.
pub struct Rule {
    /// Its name in every report.
    pub id: RuleId,
    /// What it finds, in one sentence.
    pub description: &'static str,
    /// Texts in which it finds exactly one key.
    pub examples: fn() -> Vec<String>,
    /// Texts in which no rule finds anything.
    pub counter_examples: fn() -> Vec<String>,
}

/// Every rule, in the order of [`RuleId`].
pub const RULES: [Rule; 5] = [
    Rule {
        id: RuleId::KnownKey,
        description: "A key that is or was in your profiles, told by its fingerprint.",
        examples: known_examples,
        counter_examples: || {
            vec![sample("", 40), format!("sha256 {}", sample("", 64)), format!("x{}", known(39))]
        },
    },
    Rule {
        id: RuleId::LegacyShape,
        description: "A key of the legacy getimg.ai API: key- and 95 or 96 letters and digits.",
        examples: || {
            vec![
                sample("key-", 95),
                format!("'{}'", sample("key-", 96)),
                format!("k={};", sample("key-", 96)),
            ]
        },
        counter_examples: || {
            vec![
                sample("key-", 94),
                sample("key-", 97),
                format!("key-{}", "x".repeat(95)),
                sample("mykey-", 96),
            ]
        },
    },
    Rule {
        id: RuleId::Assignment,
        description: "A value assigned to a name that says getimg and key, token or secret.",
        examples: assignment_examples,
        counter_examples: assignment_counter_examples,
    },
    Rule {
        id: RuleId::Bearer,
        description: "A Bearer token within three lines of the name getimg.",
        examples: || {
            let url = "https://api.getimg.ai/v2/models";
            vec![
                format!("curl {url} -H 'Authorization: Bearer {}'", sample("", 32)),
                format!(
                    "fetch('{url}', {{\n  headers: {{\n    Authorization: `Bearer {}` }} }})",
                    sample("sk_", 40)
                ),
            ]
        },
        counter_examples: || {
            vec![
                format!("curl https://example.com -H 'Authorization: Bearer {}'", sample("", 32)),
                "curl https://api.getimg.ai/v2 -H 'Authorization: Bearer $GETIMG_API_KEY'".to_owned(),
                "https://api.getimg.ai/v2 Authorization: Bearer your-getimg-api-key-number-1".to_owned(),
                format!("getimg\nAuthorization: Bearer {}", sample("sk_live_", 24)),
            ]
        },
    },
    Rule {
        id: RuleId::NearGetimg,
        description: "A text of the form sk_… within three lines of the name getimg.",
        examples: near_examples,
        counter_examples: near_counter_examples,
    },
];

impl RuleId {
    /// The name used in JSON and SARIF.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KnownKey => "known-key",
            Self::LegacyShape => "legacy-shape",
            Self::Assignment => "getimg-assignment",
            Self::Bearer => "bearer-near-getimg",
            Self::NearGetimg => "sk-near-getimg",
        }
    }
}

/// The key that the examples of [`RuleId::KnownKey`] treat as known.
pub fn known(secret: usize) -> String {
    format!("sk_{}", sample("", secret).chars().rev().collect::<String>())
}

/// A prefix and this many letters and digits without a pattern.
fn sample(prefix: &str, secret: usize) -> String {
    let alphabet: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let character = |n: usize| alphabet[(n * n * 7 + n * 31 + prefix.len()) % alphabet.len()];
    (0..secret).fold(prefix.to_owned(), |mut text, n| {
        text.push(character(n));
        text
    })
}

fn known_examples() -> Vec<String> {
    let key = known(40);
    [
        "KEY=@",
        "@",
        "xx@",
        "\"a\\n@\\n\"",
        "https://host/@/path",
        "?token=%3D@&x=1",
        "Bearer @",
        "{\"k\":\"@\"}",
        "k: @ # c",
    ]
    .map(|text| text.replace('@', &key))
    .into()
}

fn assignment_examples() -> Vec<String> {
    let forms = [
        "GETIMG_API_KEY=@",
        "export GETIMG_API_KEY=\"@\"",
        "getimg_api_key: @",
        "{\"getimgApiKey\": \"@\"}",
        "getimg.api_key = '@'",
        "$env:GETIMG_KEY = \"@\"",
        "set -gx GETIMGAI_API_KEY @",
        "ENV GETIMG_API_TOKEN @",
        "new GetImg({ apiKey: \"@\" })",
        "<add key=\"GETIMG_API_KEY\" value=\"@\"/>",
        "NEXT_PUBLIC_GETIMG_API_KEY_PROD=@",
    ];
    let bare = forms.map(|form| form.replace('@', &sample("", 40)));
    let v2 = forms.map(|form| form.replace('@', &sample("sk_", 40)));
    bare.into_iter().chain(v2).collect()
}

fn assignment_counter_examples() -> Vec<String> {
    let texts = [
        "GETIMG_API_KEY=",
        "GETIMG_API_KEY=$OTHER",
        "GETIMG_API_KEY=your-getimg-api-key-2024-01",
        "GETIMG_API_KEY=sk_your_api_key_goes_here_1",
        "GETIMG_API_KEY=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1",
        "getimg_api_key = os.environ['GETIMG_API_KEY_2']",
        "apiKey: process.env.GETIMG_API_KEY_NUMBER_1",
        "GETIMG_API_KEY_FILE=/run/secrets/api-number-1",
        "getImgKey(thumbnail2AsBase64EncodedString)",
    ];
    let others = ["targetimg_key = @", "getimg_key_sha256 = @", "ELEVENLABS_API_KEY=@ # not getimg"];
    let others = others.map(|text| text.replace('@', &sample("", 40)));
    texts.map(str::to_owned).into_iter().chain(others).collect()
}

fn near_examples() -> Vec<String> {
    vec![
        format!("# getimg.ai\n{}", sample("sk_", 17)),
        format!("getimg:\n  # prod\n  api_key: {}", sample("sk_", 40)),
        format!("my getimg key is {}.", sample("sk_", 29)),
        format!("client = GetImg(\n  \"{}\",\n)", sample("sk_", 40)),
    ]
}

fn near_counter_examples() -> Vec<String> {
    vec![
        sample("sk_", 40),
        format!("# getimg.ai\n{}", sample("sk_", 16)),
        format!("getimg\n\n\n\n\n{}", sample("sk_", 40)),
        format!("# getimg\nSTRIPE_KEY={}", sample("sk_live_", 24)),
        format!("# getimg\nSTRIPE_KEY={}", sample("sk_test_", 24)),
        format!("# getimg\nELEVENLABS_API_KEY={}", sample("sk_", 48)),
        format!("getimg ta{}", sample("sk_", 40)),
        format!("getimg sk_{}", "x".repeat(40)),
        "getimg sk_your_secret_key_goes_here_1".to_owned(),
        "getimg sk_<your key from the settings page>".to_owned(),
        "getimg sk_\u{2026} sk_... sk_****************************".to_owned(),
        "getimg sk_buff_head_init_class_of_many".to_owned(),
        format!("getimg_sk_{}", "ab".repeat(20)),
    ]
}

//! The model that a body asks for; a body with none or several is refused.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Refusal;

const FIELD: &str = "model";

/// Lets a JSON object pass whose one `model` is allowed.
///
/// Two of them are refused: which one counts is up to whoever reads it. Another spelling of the name counts as one
/// more, since some servers read names in any case. What is not JSON, compressed or a form for one, has no model.
///
/// # Errors
/// [`Refusal::Model`].
pub fn check(body: &[u8], allowed: &[String]) -> Result<(), Refusal> {
    let Models(models) = serde_json::from_slice(body).map_err(|_| Refusal::Model)?;
    match &models[..] {
        [Some(model)] if allowed.contains(model) => Ok(()),
        _ => Err(Refusal::Model),
    }
}

/// The models that an object names; `None` is one in another spelling, or no text.
struct Models(Vec<Option<String>>);

impl<'de> Deserialize<'de> for Models {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Models;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Models, A::Error> {
        let mut models = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == FIELD {
                models.push(Some(map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
                if name.trim().eq_ignore_ascii_case(FIELD) {
                    models.push(None);
                }
            }
        }
        Ok(Models(models))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_model_passes() {
        let allowed = ["a".to_owned(), "b-1".to_owned()];
        for body in [r#"{"model":"a"}"#, r#"{"x":{"model":"z"},"mod\u0065l":"b-1","y":[1]}"#] {
            assert_eq!(check(body.as_bytes(), &allowed), Ok(()), "{body}");
        }
    }

    #[test]
    fn none_two_and_others_do_not() {
        let allowed = ["a".to_owned()];
        for body in [
            "",
            "{}",
            "[]",
            "null",
            r#""a""#,
            r#"{"model":"b"}"#,
            r#"{"model":"A"}"#,
            r#"{"model":["a"]}"#,
            r#"{"model":null}"#,
            r#"{"model":"a","model":"b"}"#,
            r#"{"model":"a","model":"a"}"#,
            r#"{"model":"a","mod\u0065l":"b"}"#,
            r#"{"model":"a","Model":"b"}"#,
            r#"{"Model":"a"}"#,
            r#"{"model":"a"}{}"#,
            r#"{"model":"a""#,
            "model=a",
            r#"{"x":{"model":"a"}}"#,
        ] {
            assert_eq!(check(body.as_bytes(), &allowed), Err(Refusal::Model), "{body}");
        }
        assert_eq!(check(b"{\"model\":\"a\xff\"}", &allowed), Err(Refusal::Model));
    }
}

//! Finds the model that a body asks for; a body with none or several is refused.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Refusal;

const FIELD: &str = "model";

/// Lets a JSON object pass that has exactly one `model`, which is allowed.
///
/// Two of them are refused, because readers differ in which one counts. Another spelling of the name counts as one
/// more, since some servers ignore case. A body that is not JSON, is compressed or is a form has no model.
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

/// The models that an object names; `None` for another spelling, or a value that is not text.
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

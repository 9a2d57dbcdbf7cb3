//! JSON in which every name is unique within its object.
//!
//! If a name appears twice in one object, most readers take the last value and some the first. Two people could read
//! different things from one file.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// Reads a value.
///
/// # Errors
/// Invalid JSON, or a name that appears twice in one object.
pub fn from_slice(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Once>(text).map(|Once(value)| value)
}

struct Once(Value);

impl<'a> Deserialize<'a> for Once {
    fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'a> Visitor<'a> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut list = vec![];
        while let Some(Once(value)) = all.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = all.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` appears twice in one object")));
            }
            let Once(value) = all.next_value()?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::from_slice;

    #[test]
    fn a_name_stands_once() {
        let text = br#"{"a": [1, -2, 0.5, "b", null, true, 18446744073709551615], "c": {"a": {}}}"#;
        let plain: serde_json::Value = serde_json::from_slice(text).unwrap();
        assert_eq!(from_slice(text).unwrap(), plain);
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"\u0061":3}}]"#] {
            assert!(
                from_slice(text.as_bytes()).is_err_and(|error| error.to_string().contains("twice")),
                "{text}"
            );
        }
    }
}

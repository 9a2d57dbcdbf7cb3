//! Writes `idl/constants.json`: the constants, closed sets, limits and seeds of the interface and the actions of the
//! guard, for clients in other languages. `build.rs` generates the tables.

use serde::{Serialize, Serializer, ser::Error as _};

#[derive(Serialize)]
struct Constant {
    name: &'static str,
    docs: &'static [&'static str],
    #[serde(rename = "type")]
    ty: &'static str,
    value: i64,
}

#[derive(Serialize)]
struct Set {
    name: &'static str,
    docs: &'static [&'static str],
    constants: &'static [Constant],
}

#[derive(Serialize)]
struct Seed {
    name: &'static str,
    docs: &'static [&'static str],
    #[serde(serialize_with = "text")]
    value: &'static [u8],
}

fn text<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let text = str::from_utf8(bytes).map_err(S::Error::custom)?;
    serializer.serialize_str(text)
}

#[allow(clippy::unnecessary_cast)] // The build script casts every integer, whatever its type.
mod generated {
    use super::{Constant, Seed, Set};

    include!(concat!(env!("OUT_DIR"), "/constants.rs"));
}

use self::generated::{CONSTANTS, SEEDS, SETS};

/// Keeps this order of the fields, whatever features the JSON library has.
#[derive(Serialize)]
struct File {
    constants: &'static [Constant],
    sets: &'static [Set],
    seeds: &'static [Seed],
}

pub fn json() -> serde_json::Result<String> {
    let file = File {
        constants: CONSTANTS,
        sets: SETS,
        seeds: SEEDS,
    };
    Ok(serde_json::to_string_pretty(&file)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::{CONSTANTS, SEEDS, SETS};

    fn is_there(set: &str, name: &str, value: i64) -> bool {
        let found = SETS.iter().find(|each| each.name == set);
        found.is_some_and(|set| {
            set.constants
                .iter()
                .any(|each| each.name == name && each.value == value)
        })
    }

    #[test]
    fn constants_of_every_kind_are_listed() {
        assert!(CONSTANTS.iter().any(|each| each.name == "VERSION" && each.value == 1));
        // An expression over others, a constant of the guard, one of a closed set, one of the guard's actions.
        assert!(
            CONSTANTS
                .iter()
                .any(|each| each.name == "PROPOSERS" && each.value == 17)
        );
        assert!(
            CONSTANTS
                .iter()
                .any(|each| each.name == "MAX_COMPARTMENTS" && each.value == 64)
        );
        assert!(is_there("role", "ALL", 15));
        assert!(is_there("action", "ALL", i64::from(u32::MAX)));
        assert!(SEEDS.iter().any(|each| each.value == b"domain"));
    }
}

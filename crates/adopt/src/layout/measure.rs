//! How many bytes a type takes, and how it is aligned.

use std::collections::BTreeMap;

use super::MAX_SIZE;
use crate::model::{Argument, Body, Count, Encoding, FieldDef, Type, TypeDef};

/// Most types within types.
pub const MAX_DEPTH: usize = 32;
/// Greatest alignment on chain: that of a u64. Numbers of 128 bits have it too.
pub const MAX_ALIGN: usize = 8;

/// How fields follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// One behind the other.
    Borsh,
    /// Aligned, as the compiler does it.
    C,
    /// One behind the other, of fixed size.
    Packed,
}

impl Rule {
    /// The rule of an account. `None` if its code is its own.
    pub const fn of(encoding: Encoding) -> Option<Self> {
        match encoding {
            Encoding::Borsh | Encoding::Unsaid => Some(Self::Borsh),
            Encoding::C => Some(Self::C),
            Encoding::Packed => Some(Self::Packed),
            Encoding::Custom => None,
        }
    }

    /// The rule of a type within an account of this rule.
    pub const fn within(self, encoding: Encoding) -> Self {
        match (self, encoding) {
            (Self::Borsh, _) => Self::Borsh,
            (_, Encoding::Packed) => Self::Packed,
            _ => Self::C,
        }
    }
}

/// Arguments of the type that is looked at.
pub type Given = Vec<(String, Argument)>;

/// Bytes and alignment, or why there is no fixed number of them.
pub type Measured = Result<(usize, usize), String>;

/// The types of a host.
#[derive(Clone, Copy)]
pub struct Types<'a>(pub &'a BTreeMap<String, TypeDef>);

impl<'a> Types<'a> {
    /// A named type with its arguments, or why it is not known.
    pub fn named(&self, name: &str, arguments: &[Argument], given: &Given) -> Result<(&'a TypeDef, Given), String> {
        let def = self
            .0
            .get(name)
            .ok_or_else(|| format!("the type {name}, which the IDL does not describe"))?;
        let arguments = arguments.iter().map(|argument| match argument {
            Argument::Type(ty) => Argument::Type(put(ty, given)),
            Argument::Value(value) => Argument::Value(*value),
        });
        Ok((def, def.generics.iter().cloned().zip(arguments).collect()))
    }

    /// Bytes and alignment of a type.
    pub fn measure(&self, ty: &Type, rule: Rule, given: &Given, depth: usize) -> Measured {
        if depth > MAX_DEPTH {
            return Err("types that contain each other".into());
        }
        let align = |width: usize| if rule == Rule::C { width.clamp(1, MAX_ALIGN) } else { 1 };
        match ty {
            Type::Int { width, .. } | Type::Float(width) => Ok((*width, align(*width))),
            Type::Bool => Ok((1, 1)),
            Type::Key => Ok((32, 1)),
            Type::Bytes(size) => Ok((*size, 1)),
            Type::List(..) => Err("a list, whose length differs".into()),
            Type::Option {
                fixed: true,
                item,
                mark,
            } if rule == Rule::Borsh => {
                let (size, _) = self.measure(item, rule, given, depth + 1)?;
                Ok((add(*mark, size)?, 1))
            }
            Type::Option { .. } => Err("an option, which is shorter when it is absent".into()),
            Type::Array(item, count) => {
                let (size, align) = self.measure(item, rule, given, depth + 1)?;
                Ok((times(size, counted(count, given)?)?, align))
            }
            Type::Generic(name) => match find(name, given) {
                // It was put in where the arguments were given, so it needs none.
                Some(Argument::Type(ty)) => self.measure(ty, rule, &Given::new(), depth + 1),
                _ => Err(format!("the parameter {name}")),
            },
            Type::Defined(name, arguments) => match fixed_point(name) {
                Some((width, ..)) if !self.0.contains_key(name) => Ok((width, align(width))),
                _ => {
                    let (def, given) = self.named(name, arguments, given)?;
                    let (size, align) = self.body(&def.body, rule.within(def.encoding), &given, depth + 1)?;
                    let align = if rule == Rule::C { align.max(def.align) } else { align };
                    Ok((up_to(size, align), align))
                }
            },
            Type::Inline(body) => self.body(body, rule, given, depth + 1),
            Type::Unknown(what) => Err(what.clone()),
        }
    }

    fn body(&self, body: &Body, rule: Rule, given: &Given, depth: usize) -> Measured {
        match body {
            Body::Alias(ty) => self.measure(ty, rule, given, depth + 1),
            Body::Struct(fields) => self.fields(fields, rule, given, depth),
            Body::Enum(variants, width) => {
                let mut sizes = Vec::new();
                for variant in variants {
                    sizes.push(self.fields(variant, rule, given, depth)?.0);
                }
                let first = sizes.first().copied().unwrap_or(0);
                let is_even = sizes.iter().all(|size| *size == first);
                match (is_even, first) {
                    (true, 0) => Ok((*width, 1)),
                    (true, size) if rule == Rule::Borsh => Ok((add(*width, size)?, 1)),
                    _ => Err("an enum whose variants differ in length".into()),
                }
            }
        }
    }

    fn fields(&self, fields: &[FieldDef], rule: Rule, given: &Given, depth: usize) -> Measured {
        let (mut end, mut widest) = (0, 1);
        for field in fields {
            let (size, align) = self.measure(&field.ty, rule, given, depth + 1)?;
            end = add(up_to(end, align), size)?;
            widest = widest.max(align);
        }
        Ok((up_to(end, widest), widest))
    }

    /// The number within, if a type is nothing but a number: width, sign, binary digits behind the point.
    pub fn number(&self, ty: &Type, given: &Given, depth: usize) -> Option<(usize, bool, u32)> {
        if depth > MAX_DEPTH {
            return None;
        }
        match ty {
            Type::Int { width, signed } => Some((*width, *signed, 0)),
            Type::Generic(name) => match find(name, given) {
                Some(Argument::Type(ty)) => self.number(ty, &Given::new(), depth + 1),
                _ => None,
            },
            Type::Defined(name, arguments) => {
                let point = fixed_point(name);
                let Some(def) = self.0.get(name) else { return point };
                let (_, within) = self.named(name, arguments, given).ok()?;
                let inner = match &def.body {
                    Body::Alias(ty) => self.number(ty, &within, depth + 1),
                    Body::Struct(fields) => match fields.as_slice() {
                        // A number of 128 bits that is kept as bytes, so that nothing has to be aligned.
                        [
                            FieldDef {
                                ty: Type::Array(item, Count::Of(16)),
                                ..
                            },
                        ] if matches!(**item, Type::Int { width: 1, .. }) && point.is_some() => {
                            return point;
                        }
                        [only] => self.number(&only.ty, &within, depth + 1),
                        _ => None,
                    },
                    Body::Enum(..) => None,
                }?;
                match point {
                    Some((width, signed, fraction)) if width == inner.0 => Some((width, signed, fraction)),
                    _ => Some(inner),
                }
            }
            _ => None,
        }
    }
}

/// A type with the parameters put in.
fn put(ty: &Type, given: &Given) -> Type {
    match ty {
        Type::Generic(name) => match find(name, given) {
            Some(Argument::Type(ty)) => ty.clone(),
            _ => ty.clone(),
        },
        Type::List(item, prefix) => Type::List(Box::new(put(item, given)), *prefix),
        Type::Array(item, count) => {
            let count = counted(count, given).map_or_else(|_| count.clone(), Count::Of);
            Type::Array(Box::new(put(item, given)), count)
        }
        Type::Option { item, mark, fixed } => Type::Option {
            item: Box::new(put(item, given)),
            mark: *mark,
            fixed: *fixed,
        },
        Type::Defined(name, arguments) => {
            let arguments = arguments.iter().map(|argument| match argument {
                Argument::Type(ty) => Argument::Type(put(ty, given)),
                Argument::Value(value) => Argument::Value(*value),
            });
            Type::Defined(name.clone(), arguments.collect())
        }
        other => other.clone(),
    }
}

fn find<'g>(name: &str, given: &'g Given) -> Option<&'g Argument> {
    given
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, argument)| argument)
}

/// Elements of an array.
pub fn counted(count: &Count, given: &Given) -> Result<usize, String> {
    match count {
        Count::Of(count) => Ok(*count),
        Count::Generic(name) => match find(name, given) {
            Some(Argument::Value(count)) => Ok(*count),
            _ => Err(format!("an array of {name} elements, which the IDL does not state")),
        },
    }
}

/// A type of fixed-point numbers by its name, as in `I80F48` and `WrappedI80F48`: bytes, sign, binary digits behind the
/// point.
#[must_use]
pub fn fixed_point(name: &str) -> Option<(usize, bool, u32)> {
    name.match_indices(['I', 'U']).find_map(|(at, sign)| {
        let (whole, rest) = digits(name.get(at + 1..)?)?;
        let (fraction, _) = digits(rest.strip_prefix('F')?)?;
        let bits = whole.checked_add(fraction)?;
        matches!(bits, 64 | 128).then_some((if bits == 64 { 8 } else { 16 }, sign == "I", fraction))
    })
}

fn digits(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// The next multiple of an alignment.
pub const fn up_to(end: usize, align: usize) -> usize {
    match end.checked_next_multiple_of(align) {
        Some(end) => end,
        None => usize::MAX,
    }
}

pub fn add(a: usize, b: usize) -> Result<usize, String> {
    let sum = a.checked_add(b).filter(|sum| *sum <= MAX_SIZE);
    sum.ok_or_else(|| "more bytes than an account can have".to_owned())
}

fn times(a: usize, b: usize) -> Result<usize, String> {
    let product = a.checked_mul(b).filter(|product| *product <= MAX_SIZE);
    product.ok_or_else(|| "more bytes than an account can have".to_owned())
}

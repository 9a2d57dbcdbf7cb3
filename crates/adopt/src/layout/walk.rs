//! Walks through an account type and notes where its fields are.

use super::{
    Field, Kind, Layout, Place, Records, Step, Stop, Table,
    measure::{Given, MAX_DEPTH, Rule, Types, add, counted, fixed_point, up_to},
};
use crate::model::{AccountType, Body, Encoding, FieldDef, Idl, Type};

/// Most fields of one account type. What has more is no position.
const MAX_FIELDS: usize = 4_096;

/// The layout of an account type, by the encoding that the IDL states or by another.
#[must_use]
pub fn layout(idl: &Idl, account: &AccountType, encoding: Encoding) -> Layout {
    let mut walk = Walk {
        types: Types(&idl.types),
        found: Layout::default(),
        at: Place {
            before: Vec::new(),
            offset: account.start,
        },
        is_lost: false,
        path: Vec::new(),
    };
    let Some(rule) = Rule::of(encoding) else {
        walk.lose("code of the host's own", None);
        return walk.found;
    };
    let body = &account.def.body;
    walk.body(body, rule, &Given::new(), 0);
    // The compiler fills the end of an aligned account.
    let align = match (rule, body) {
        (Rule::C, Body::Struct(fields)) => fields
            .iter()
            .filter_map(|field| walk.types.measure(&field.ty, rule, &Given::new(), 0).ok())
            .map(|(_, align)| align)
            .max(),
        _ => None,
    };
    if walk.found.stop.is_none() {
        let len = walk.at.offset.saturating_sub(account.start);
        walk.found.size = add(account.start, up_to(len, align.unwrap_or(1))).ok();
    }
    walk.found
}

struct Walk<'a> {
    types: Types<'a>,
    found: Layout,
    at: Place,
    /// Nothing says where the next field is.
    is_lost: bool,
    path: Vec<String>,
}

impl Walk<'_> {
    fn body(&mut self, body: &Body, rule: Rule, given: &Given, depth: usize) {
        match body {
            Body::Struct(fields) => self.fields(fields, rule, given, depth),
            Body::Alias(ty) => self.visit(ty, rule, given, depth + 1),
            Body::Enum(..) => self.plain(&Type::Inline(Box::new(body.clone())), rule, given),
        }
    }

    fn fields(&mut self, fields: &[FieldDef], rule: Rule, given: &Given, depth: usize) {
        let start = self.at.offset;
        for field in fields {
            self.path.push(field.name.clone());
            if self.is_lost || self.found.fields.len() >= MAX_FIELDS {
                self.found.lost.push(self.path.join("."));
            } else {
                if let (Rule::C, Ok((_, align))) = (rule, self.types.measure(&field.ty, rule, given, depth)) {
                    self.at.offset = start.saturating_add(up_to(self.at.offset.saturating_sub(start), align));
                }
                self.visit(&field.ty, rule, given, depth + 1);
            }
            self.path.pop();
        }
    }

    fn visit(&mut self, ty: &Type, rule: Rule, given: &Given, depth: usize) {
        if depth > MAX_DEPTH {
            return self.lose("types that contain each other", None);
        }
        if let Some((width, signed, fraction)) = self.types.number(ty, given, 0) {
            return self.put(
                Kind::Int {
                    width,
                    signed,
                    fraction,
                },
                width,
            );
        }
        match ty {
            Type::Defined(name, arguments) => {
                if fixed_point(name).is_some() && !self.types.0.contains_key(name) {
                    return self.plain(ty, rule, given);
                }
                let size = self.types.measure(ty, rule, given, depth);
                match self.types.named(name, arguments, given) {
                    Err(why) => self.lose(&why, None),
                    Ok((def, given)) => {
                        let inner = rule.within(def.encoding);
                        let start = self.at.offset;
                        self.body(&def.body, inner, &given, depth + 1);
                        // What the compiler puts at its end.
                        if let (Ok((size, _)), true) = (size, inner == Rule::C) {
                            self.at.offset = self.at.offset.max(start.saturating_add(size));
                        }
                    }
                }
            }
            Type::Inline(body) => self.body(body, rule, given, depth + 1),
            Type::Array(item, count) => match (self.types.measure(item, rule, given, depth), counted(count, given)) {
                (Err(why), _) => self.lose(&format!("an array of parts without a fixed size: {why}"), None),
                (_, Err(why)) => self.lose(&why, None),
                (Ok((stride, _)), Ok(count)) => {
                    let Ok(size) = add(stride.saturating_mul(count), 0) else {
                        return self.lose("more bytes than an account can have", None);
                    };
                    match self.record(item, rule, given, depth) {
                        Some(fields) => {
                            self.found.tables.push(Table {
                                path: self.path.clone(),
                                place: self.at.clone(),
                                stride,
                                records: Records::Fixed(count),
                                fields,
                            });
                            self.advance(size);
                        }
                        None => self.put(Kind::Bytes { size, item: stride }, size),
                    }
                }
            },
            Type::List(item, prefix) => match self.types.measure(item, Rule::Borsh, given, depth) {
                Err(why) => self.lose(&format!("a list of parts without a fixed size: {why}"), None),
                Ok((stride, _)) => {
                    if let Some(fields) = self.record(item, Rule::Borsh, given, depth) {
                        self.found.tables.push(Table {
                            path: self.path.clone(),
                            place: self.at.clone(),
                            stride,
                            records: Records::Listed(*prefix),
                            fields,
                        });
                    }
                    let step = Step::List {
                        prefix: *prefix,
                        item: stride,
                    };
                    self.lose("a list or a text, whose length differs", Some(step));
                }
            },
            Type::Option {
                item,
                mark,
                fixed: false,
            } => match self.types.measure(item, Rule::Borsh, given, depth) {
                Err(why) => self.lose(&format!("an option of a part without a fixed size: {why}"), None),
                Ok((size, _)) => {
                    let step = Step::Option {
                        mark: *mark,
                        item: size,
                    };
                    self.lose("an option, which is shorter when it is absent", Some(step));
                }
            },
            Type::Key => self.put(Kind::Key, 32),
            Type::Generic(_) | Type::Option { .. } => self.plain(ty, rule, given),
            Type::Bytes(size) => self.put(Kind::Bytes { size: *size, item: 1 }, *size),
            Type::Unknown(what) => self.lose(what, None),
            Type::Int { .. } | Type::Float(_) | Type::Bool => self.plain(ty, rule, given),
        }
    }

    /// Fields of a record, if the item is a struct of a fixed size that is not just a number.
    fn record(&self, item: &Type, rule: Rule, given: &Given, depth: usize) -> Option<Vec<Field>> {
        if self.types.number(item, given, 0).is_some() {
            return None;
        }
        let mut within = Walk {
            types: self.types,
            found: Layout::default(),
            at: Place::default(),
            is_lost: false,
            path: Vec::new(),
        };
        within.visit(item, rule, given, depth + 1);
        let is_struct = within.found.fields.iter().any(|field| !field.path.is_empty());
        (is_struct && within.found.stop.is_none()).then_some(within.found.fields)
    }

    /// Something of a fixed size that is no number and no address.
    fn plain(&mut self, ty: &Type, rule: Rule, given: &Given) {
        match self.types.measure(ty, rule, given, 0) {
            Ok((size, _)) => self.put(Kind::Other(size), size),
            Err(why) => self.lose(&why, None),
        }
    }

    fn put(&mut self, kind: Kind, size: usize) {
        self.found.fields.push(Field {
            path: self.path.clone(),
            place: self.at.clone(),
            kind,
        });
        self.advance(size);
    }

    fn advance(&mut self, size: usize) {
        match add(self.at.offset, size) {
            Ok(end) => self.at.offset = end,
            Err(why) => self.lose(&why, None),
        }
    }

    /// From here on offsets differ. With a step, one can still walk there.
    fn lose(&mut self, what: &str, step: Option<Step>) {
        let field = self.path.join(".");
        if self.found.stop.is_none() {
            self.found.stop = Some(Stop {
                field: field.clone(),
                offset: self.at.offset,
                what: what.to_owned(),
            });
        }
        match step {
            Some(step) => {
                if self.at.offset != 0 {
                    self.at.before.push(Step::Skip(self.at.offset));
                }
                self.at.before.push(step);
                self.at.offset = 0;
            }
            None => {
                self.is_lost = true;
                self.found.lost.push(field);
            }
        }
    }
}

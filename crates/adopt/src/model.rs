//! An IDL as all its forms are understood: types, accounts, instructions.

use std::collections::BTreeMap;

/// The form in which an IDL was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Anchor 0.29 and before: `isMut`, `publicKey`, discriminators by name.
    AnchorLegacy,
    /// Anchor 0.30 to 1.x: explicit discriminators, `serialization` and `repr`.
    Anchor,
    /// A root node of Codama, or of Kinobi before it.
    Codama,
}

/// A host's IDL.
#[derive(Clone, Debug)]
pub struct Idl {
    /// Its form.
    pub form: Form,
    /// Name of the program.
    pub name: String,
    /// Address of the program, if the IDL states one.
    pub address: Option<String>,
    /// Types that accounts and arguments are made of.
    pub types: BTreeMap<String, TypeDef>,
    /// Account types.
    pub accounts: Vec<AccountType>,
    /// Instructions.
    pub instructions: Vec<Instruction>,
}

/// A type of account.
#[derive(Clone, Debug)]
pub struct AccountType {
    /// Its name.
    pub name: String,
    /// Constant bytes that tell it from others: offset, bytes.
    pub filters: Vec<(usize, Vec<u8>)>,
    /// Where its first field begins.
    pub start: usize,
    /// Its fields.
    pub def: TypeDef,
}

/// How a type is written into bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// One field behind the other.
    Borsh,
    /// As the compiler lays out `repr(C)`: fields are aligned.
    C,
    /// As `repr(C, packed)`.
    Packed,
    /// The IDL does not say: legacy IDLs know no zero-copy.
    Unsaid,
    /// By code of the host's own.
    Custom,
}

/// A named type.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// Names of its parameters, types and constants.
    pub generics: Vec<String>,
    /// How it is written.
    pub encoding: Encoding,
    /// The alignment that its `repr` asks for; 1 for none.
    pub align: usize,
    /// What it is.
    pub body: Body,
}

/// What a named type is.
#[derive(Clone, Debug)]
pub enum Body {
    /// Fields in order.
    Struct(Vec<FieldDef>),
    /// Variants, each with its fields; and the width of the number in front of them.
    Enum(Vec<Vec<FieldDef>>, usize),
    /// Another name for a type.
    Alias(Type),
}

/// A field.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Its name; its number in a tuple.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// A type as it is used.
#[derive(Clone, Debug)]
pub enum Type {
    /// A whole number of so many bytes.
    Int {
        /// Bytes.
        width: usize,
        /// Is it signed?
        signed: bool,
    },
    /// A floating-point number.
    Float(usize),
    /// One byte.
    Bool,
    /// An address.
    Key,
    /// So many bytes.
    Bytes(usize),
    /// A number of elements in front of them, of so many bytes.
    List(Box<Type>, usize),
    /// A mark of so many bytes, and what it marks.
    Option {
        /// What may be there.
        item: Box<Type>,
        /// Bytes of the mark.
        mark: usize,
        /// Does it take its place when it is absent?
        fixed: bool,
    },
    /// So many elements.
    Array(Box<Type>, Count),
    /// A named type, with arguments.
    Defined(String, Vec<Argument>),
    /// A parameter.
    Generic(String),
    /// Fields without a name of their own.
    Inline(Box<Body>),
    /// Everything to the end of the account, or a type that is not known. The text says what.
    Unknown(String),
}

/// How many elements an array has.
#[derive(Clone, Debug)]
pub enum Count {
    /// So many.
    Of(usize),
    /// As a parameter says.
    Generic(String),
}

/// An argument of a named type.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A type.
    Type(Type),
    /// A constant.
    Value(usize),
}

/// An instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its name.
    pub name: String,
    /// Its accounts, groups resolved.
    pub accounts: Vec<Meta>,
}

/// An account of an instruction.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// Its name.
    pub name: String,
    /// Is it written?
    pub is_writable: bool,
    /// Does it sign?
    pub is_signer: bool,
    /// Accounts that are compared with it by `has_one`, in either direction.
    pub relations: Vec<String>,
}

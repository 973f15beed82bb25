//! Objects of a PDF, as the library reads them.
//!
//! Comes in: the bytes of one object, already found to be of one reading and not nested deep. Goes out: the object, as a
//! value of its own.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_syntax::object::{FromBytes as _, MaybeRef, Number, Object as Read};

use super::Fault;
use super::place::broken;

/// A dictionary by the names of its entries.
pub(super) type Dict = BTreeMap<Vec<u8>, Object>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Int(i64),
    /// A truth value, or a number with a fraction; no such value matters here.
    Other,
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// Another object by its number.
    Ref(u32),
}

impl Object {
    /// The object that these bytes are.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        calmly(|| Read::from_bytes(bytes).ok_or_else(|| broken("an object cannot be read")).and_then(owned))
    }

    pub(super) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// A number that counts or points: never below zero.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Self::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// Work of the library. Where it panics, the file is at fault.
pub(super) fn calmly<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(broken("it stops its reader")))
}

fn owned(object: Read<'_>) -> Result<Object, Fault> {
    Ok(match object {
        Read::Null(_) => Object::Null,
        Read::Boolean(_) => Object::Other,
        Read::Number(number) => whole(number).map_or(Object::Other, Object::Int),
        Read::Name(name) => Object::Name(name.to_vec()),
        Read::String(text) => Object::Text(text.to_vec()),
        Read::Array(items) => Object::Array(items.raw_iter().map(item).collect::<Result<_, _>>()?),
        Read::Dict(dict) => {
            let entries = dict.entries().map(|(key, value)| Ok((key.to_vec(), item(value)?)));
            Object::Dict(entries.collect::<Result<_, _>>()?)
        }
        Read::Stream(_) => return Err(broken("a stream stands where none may be")),
    })
}

fn item(object: MaybeRef<Read<'_>>) -> Result<Object, Fault> {
    match object {
        MaybeRef::NotRef(object) => owned(object),
        MaybeRef::Ref(named) if named.gen_number == 0 => {
            u32::try_from(named.obj_number).map(Object::Ref).map_err(|_| broken("an object has no such number"))
        }
        MaybeRef::Ref(_) => Err(broken("it names objects by generations, which no file of ours has")),
    }
}

fn whole(number: Number) -> Option<i64> {
    (number.as_f64().fract().abs() <= 0.0).then(|| number.as_i64())
}

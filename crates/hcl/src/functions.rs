//! Terraform's functions: a table per subject, a file for each, in which every function says its
//! parameters, what it gives, and does only its own work. What all have in common is here: the
//! number of arguments, their conversion, null, unknown values and marks.

use std::collections::BTreeMap;

use crate::convert::convert;
use crate::eval::{Budget, MAX_STRING};
use crate::scope::{Outside, Scope};
use crate::value::Marks;
use crate::{Number, Type, Value};

mod cidr;
mod collection;
mod combination;
mod csv;
mod date;
mod digest;
mod encoding;
mod filesystem;
mod format;
mod format_number;
mod glob;
mod lookup;
mod numeric;
mod regex;
mod rsa;
mod sets;
mod string;
mod template;
mod typed;
mod typename;
mod yaml;
mod yaml_scalar;

pub(crate) type Outcome = Result<Value, Fault>;

/// Why a call came to nothing.
#[derive(Debug)]
pub(crate) enum Fault {
    TooFew { expected: usize, least: bool, missing: &'static str },
    TooMany { expected: usize },
    Argument { index: usize, parameter: &'static str, message: String },
    Failed(String),
}

impl From<String> for Fault {
    fn from(message: String) -> Fault {
        Fault::Failed(message)
    }
}

impl From<&str> for Fault {
    fn from(message: &str) -> Fault {
        Fault::Failed(message.into())
    }
}

/// The types that parameters and results have.
#[derive(Clone, Copy)]
pub(crate) enum Wants {
    Any,
    Bool,
    Number,
    String,
    List(&'static Wants),
    Set(&'static Wants),
    Map(&'static Wants),
}

impl Wants {
    fn ty(self) -> Type {
        match self {
            Wants::Any => Type::Dynamic,
            Wants::Bool => Type::Bool,
            Wants::Number => Type::Number,
            Wants::String => Type::String,
            Wants::List(element) => Type::list(element.ty()),
            Wants::Set(element) => Type::set(element.ty()),
            Wants::Map(element) => Type::map(element.ty()),
        }
    }
}

pub(crate) struct Param {
    name: &'static str,
    wants: Wants,
    null: bool,
    unknown: bool,
    inner: bool,
    raw: bool,
}

impl Param {
    pub(crate) const fn new(name: &'static str, wants: Wants) -> Param {
        Param { name, wants, null: false, unknown: false, inner: false, raw: false }
    }

    /// May be null.
    const fn nullable(self) -> Param {
        Param { null: true, ..self }
    }

    /// The function looks at unknown values itself.
    const fn maybe_unknown(self) -> Param {
        Param { unknown: true, inner: true, ..self }
    }

    /// The function looks at marks itself, and at all else.
    const fn raw(self) -> Param {
        Param { null: true, unknown: true, inner: true, raw: true, ..self }
    }

    /// The function moves what is inside and does not look at it: there it may be unknown, and
    /// keeps its marks.
    const fn moved(self) -> Param {
        Param { inner: true, ..self }
    }
}

pub(crate) enum Returns {
    Always(Wants),
    /// Told from the arguments where they are unknown.
    Of(fn(&[Value]) -> Type),
}

pub(crate) struct Function {
    pub(crate) name: &'static str,
    params: &'static [Param],
    rest: Option<Param>,
    returns: Returns,
    run: fn(&Call<'_>) -> Outcome,
}

impl Function {
    const fn new(
        name: &'static str,
        params: &'static [Param],
        returns: Wants,
        run: fn(&Call<'_>) -> Outcome,
    ) -> Function {
        Function { name, params, rest: None, returns: Returns::Always(returns), run }
    }

    /// Takes any number of further arguments.
    const fn rest(self, param: Param) -> Function {
        Function { rest: Some(param), ..self }
    }

    const fn returns(self, ty: fn(&[Value]) -> Type) -> Function {
        Function { returns: Returns::Of(ty), ..self }
    }
}

const SUBJECTS: &[&[Function]] = &[
    numeric::FUNCTIONS,
    string::FUNCTIONS,
    format::FUNCTIONS,
    regex::FUNCTIONS,
    collection::FUNCTIONS,
    combination::FUNCTIONS,
    lookup::FUNCTIONS,
    sets::FUNCTIONS,
    encoding::FUNCTIONS,
    csv::FUNCTIONS,
    yaml::FUNCTIONS,
    filesystem::FUNCTIONS,
    template::FUNCTIONS,
    date::FUNCTIONS,
    digest::FUNCTIONS,
    rsa::FUNCTIONS,
    cidr::FUNCTIONS,
    typed::FUNCTIONS,
];

pub(crate) fn find(name: &str) -> Option<&'static Function> {
    SUBJECTS.iter().copied().flatten().find(|function| function.name == name)
}

/// Of all functions, `try` and `can` too.
pub fn names() -> impl Iterator<Item = &'static str> {
    let functions = SUBJECTS.iter().copied().flatten().map(|function| function.name);
    functions.chain(["try", "can"])
}

/// A call with its arguments, converted once `run` has begun.
pub(crate) struct Call<'a> {
    pub(crate) scope: &'a dyn Scope,
    pub(crate) budget: &'a Budget,
    pub(crate) function: &'static Function,
    pub(crate) args: Vec<Value>,
}

impl Call<'_> {
    pub(crate) fn run(mut self) -> Outcome {
        self.check_count()?;
        let mut marks = Marks::NONE;
        let mut unknown = false;
        for index in 0..self.args.len() {
            self.check_type(index)?;
        }
        for index in 0..self.args.len() {
            let param = self.param(index);
            let value = std::mem::replace(&mut self.args[index], Value::bool(false));
            let value = prepared(value, param, index, &mut marks)?;
            let is_known = if param.inner { value.is_known() } else { value.is_wholly_known() };
            unknown |= !is_known && !param.unknown;
            self.args[index] = value;
        }
        if unknown {
            let ty = match self.function.returns {
                Returns::Always(wants) => wants.ty(),
                Returns::Of(ty) => ty(&self.args),
            };
            return Ok(Value::unknown(ty).with_marks(marks));
        }
        Ok((self.function.run)(&self)?.with_marks(marks))
    }

    /// Before any is looked at closer.
    fn check_type(&self, index: usize) -> Result<(), Fault> {
        let wanted = self.param(index).wants.ty();
        match wanted == Type::Dynamic {
            true => Ok(()),
            false => convert(&self.args[index], &wanted)
                .map(drop)
                .map_err(|error| self.bad(index, error.message)),
        }
    }

    fn check_count(&self) -> Result<(), Fault> {
        let expected = self.function.params.len();
        if let Some(missing) = self.function.params.get(self.args.len()) {
            let least = self.function.rest.is_some();
            return Err(Fault::TooFew { expected, least, missing: missing.name });
        }
        if self.args.len() > expected && self.function.rest.is_none() {
            return Err(Fault::TooMany { expected });
        }
        Ok(())
    }

    fn param(&self, index: usize) -> &'static Param {
        let rest = || self.function.rest.as_ref();
        let param = self.function.params.get(index).or_else(rest);
        param.expect("check_count has seen that there is a parameter for each argument")
    }

    /// That an argument is not what the function can take.
    fn bad(&self, index: usize, message: impl Into<String>) -> Fault {
        Fault::Argument { index, parameter: self.param(index).name, message: message.into() }
    }

    /// That the call comes to nothing.
    fn fail(&self, message: impl Into<String>) -> Fault {
        Fault::Failed(message.into())
    }

    fn text(&self, index: usize) -> &str {
        self.args[index].as_str().unwrap_or_default()
    }

    fn number(&self, index: usize) -> Number {
        self.args[index].as_number().cloned().unwrap_or(Number::zero())
    }

    /// A whole number; `what` it is is told where it is none: `invalid index: `.
    fn whole(&self, index: usize, what: &str) -> Result<i64, Fault> {
        self.number(index).to_i64().ok_or_else(|| {
            Fault::Failed(format!(
                "{what}value must be a whole number, between {} and {}",
                i64::MIN,
                i64::MAX
            ))
        })
    }

    fn elements(&self, index: usize) -> &[Value] {
        self.args[index].elements().unwrap_or_default()
    }

    fn entries(&self, index: usize) -> &BTreeMap<String, Value> {
        static NONE: BTreeMap<String, Value> = BTreeMap::new();
        self.args[index].entries().unwrap_or(&NONE)
    }

    fn strings(&self, index: usize) -> Vec<&str> {
        self.elements(index).iter().filter_map(Value::as_str).collect()
    }

    fn outside(&self) -> &dyn Outside {
        self.scope.outside()
    }

    /// A string, unless it is too long.
    fn string(&self, text: String) -> Outcome {
        self.room_for(text.len())?;
        Ok(Value::string(text))
    }

    fn room_for(&self, bytes: usize) -> Result<(), Fault> {
        if bytes > MAX_STRING {
            return Err(Fault::Failed(format!(
                "the result would have {bytes} bytes, and a string may have {} MiB at most",
                MAX_STRING >> 20
            )));
        }
        Ok(())
    }

    /// Before as many values are made.
    fn spend(&self, values: usize) -> Result<(), Fault> {
        if self.budget.spend(values) {
            return Ok(());
        }
        Err("the result would have too many elements".into())
    }
}

fn prepared(value: Value, param: &Param, index: usize, marks: &mut Marks) -> Result<Value, Fault> {
    if param.raw {
        return Ok(value);
    }
    let (value, its) = if param.inner { value.unmark() } else { value.unmark_deep() };
    *marks = marks.union(its);
    let fault = |message: String| Fault::Argument { index, parameter: param.name, message };
    if value.is_null() && !param.null {
        return Err(fault("argument must not be null".into()));
    }
    convert(&value, &param.wants.ty()).map_err(|e| fault(e.message))
}

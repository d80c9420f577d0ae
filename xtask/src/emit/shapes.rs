//! The structs.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result};

use super::{HEADER, Wanted, import, rust_type, snake};
use crate::model::target;

pub fn emit(wanted: &Wanted<'_>) -> Result<String> {
    let mut out = String::new();
    for name in &wanted.shapes {
        if wanted.model.kind(name)? == "structure" {
            structure(wanted, name, &mut out)?;
        }
    }
    for name in wanted.empty_shapes() {
        implement(name, &BTreeMap::new(), &[], &mut out);
    }
    let names = ["Blob", "Described", "Encoder", "Schema", "Shape", "Timestamp", "Value", "put"];
    Ok(format!(
        "{HEADER}{}{}use super::schemas;\n\n{out}",
        import("std::collections", &["BTreeMap"], &out),
        import("neargate_wire", &names, &out)
    ))
}

fn structure(wanted: &Wanted<'_>, name: &str, out: &mut String) -> Result<()> {
    let required = wanted.model.required(name)?;
    let mut types = BTreeMap::new();
    let mut fields = Vec::new();
    for (member, reference) in wanted.model.members(name)? {
        let shape = target(&reference).context("a member without a shape")?;
        let mut ty = rust_type(wanted, &shape)?;
        if wanted.boxed.contains(&shape) {
            ty = format!("Box<{ty}>");
        }
        if !required.contains(&member) {
            ty = format!("Option<{ty}>");
        }
        let field = snake(&member);
        types.insert(field.clone(), ty);
        fields.push(field);
    }
    implement(name, &types, &fields, out);
    Ok(())
}

fn implement(name: &str, types: &BTreeMap<String, String>, fields: &[String], out: &mut String) {
    let _ = writeln!(out, "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{");
    for field in fields {
        let _ = writeln!(out, "pub {field}: {},", types[field]);
    }
    let _ = writeln!(
        out,
        "}}\n\nimpl Described for {name} {{\nconst SCHEMA: &'static Schema = &schemas::{name};\n}}\n\n\
         impl Shape for {name} {{\n\
         fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {{\n\
         to.begin_struct(&schemas::{name}_S);"
    );
    for (index, field) in fields.iter().enumerate() {
        let _ = writeln!(out, "put(to, &schemas::{name}_M[{index}], &self.{field});");
    }
    let _ = writeln!(out, "to.end_struct();\n}}\n\nfn decode(value: Value) -> Self {{");
    if fields.is_empty() {
        let _ = writeln!(out, "let _ = value;\nSelf::default()\n}}\n}}\n");
        return;
    }
    let _ = writeln!(
        out,
        "let mut shape = Self::default();\nlet Value::Struct(members) = value else {{ return shape }};\n\
         for (index, value) in members {{\nmatch index {{"
    );
    for (index, field) in fields.iter().enumerate() {
        let _ = writeln!(out, "{index} => shape.{field} = Shape::decode(value),");
    }
    let _ = writeln!(out, "_ => {{}}\n}}\n}}\nshape\n}}\n}}\n");
}

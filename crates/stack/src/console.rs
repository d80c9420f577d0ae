//! `neargate console`: expressions with the names of a stack, as far as its state tells them.

use std::sync::Arc;

use neargate_hcl::{Diagnostic, Source, evaluate, hcl_edit, render};

use crate::address::{ModuleInstance, ModulePath};
use crate::config::syntax::Expr;
use crate::eval::Purpose;
use crate::eval::world::Repetition;
use crate::graph::references::Names;
use crate::run::{Run, Stack, Stop, Unobserved};
use crate::state::State;

pub struct Console<'a> {
    run: Run<'a>,
}

impl<'a> Console<'a> {
    pub async fn new(stack: &'a Stack, state: State) -> Console<'a> {
        let run = Run::new(stack, Purpose::Validate, state, 1, &Unobserved, Stop::default());
        run.know().await;
        Console { run }
    }

    /// The value of an expression, as it is shown.
    pub fn evaluate(&self, text: &str) -> Result<String, Diagnostic> {
        let source = Source::new("<console-input>", text);
        let syntax = hcl_edit::parser::parse_expr(text).map_err(|error| {
            Diagnostic::error("Invalid expression", format!("{}.", error.message()))
        })?;
        let expr = Expr { syntax: Arc::new(syntax), source, context: None };
        self.named(&expr)?;
        let root = ModuleInstance::default();
        self.run.evaluator.with_scope(&root, &Repetition::None, None, |scope| {
            Ok(render(&evaluate(&expr.syntax, &expr.source, scope)?))
        })
    }

    /// Whether everything that the expression names is declared.
    fn named(&self, expr: &Expr) -> Result<(), Diagnostic> {
        let (config, path) = (&self.run.stack.config, ModulePath::default());
        let names = Names { config, path: &path, module: config.root() };
        let mut problems = Vec::new();
        names.of(expr, &[], &mut problems);
        problems.into_iter().next().map_or(Ok(()), Err)
    }
}

/// Whether no bracket or text is left open.
pub fn is_whole(text: &str) -> bool {
    neargate_hcl::open_brackets(text) == 0
}

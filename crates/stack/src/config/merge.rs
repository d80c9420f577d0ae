//! Override files (`override.tf`, `*_override.tf`): each block in one replaces the arguments that it
//! has in the block of the same name, and its nested blocks those of the same kind.
//!
//! Source: "Override Files" in Terraform's documentation.

use neargate_hcl::Diagnostic;

use super::syntax::{Block, Body};

/// Lays the blocks of an override file over those of the module.
pub fn merge(base: &mut Vec<Block>, over: Body, problems: &mut Vec<Diagnostic>) {
    for block in over.blocks {
        match block.kind.as_str() {
            // They are told apart by nothing: all of them count.
            "terraform" => merge_terraform(base, block),
            "locals" => merge_locals(base, block),
            _ => merge_named(base, block, problems),
        }
    }
}

fn merge_named(base: &mut [Block], over: Block, problems: &mut Vec<Diagnostic>) {
    let alias = |block: &Block| {
        block.body.expr("alias").map(super::syntax::Expr::text).filter(|_| block.kind == "provider")
    };
    let same = |block: &&mut Block| {
        block.kind == over.kind
            && block.labels.iter().map(|l| &l.text).eq(over.labels.iter().map(|l| &l.text))
            && alias(block) == alias(&over)
    };
    match base.iter_mut().find(same) {
        Some(block) => merge_body(&mut block.body, over.body, &over.kind),
        None => {
            let what = over.labels.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join(".");
            let kind = match over.kind.as_str() {
                "variable" => "variable declaration",
                "output" => "output definition",
                "module" => "module call",
                other => other,
            };
            let detail = format!(
                "There is no {kind} {what:?} for this override file to override. Declare it in a file whose name does not end in _override.tf."
            );
            problems.push(over.error(&format!("Missing {kind} to override"), detail));
        }
    }
}

fn merge_body(base: &mut Body, over: Body, kind: &str) {
    for attribute in over.attributes {
        base.attributes.retain(|a| a.name != attribute.name);
        // One excludes the other, and the override's word is the last.
        match attribute.name.as_str() {
            "count" if kind != "module" => base.attributes.retain(|a| a.name != "for_each"),
            "for_each" if kind != "module" => base.attributes.retain(|a| a.name != "count"),
            _ => {}
        }
        base.attributes.push(attribute);
    }
    let kinds: Vec<String> = over.blocks.iter().map(kind_of).collect();
    let merged = |kind: &str| kind == "lifecycle";
    base.blocks.retain(|block| merged(&block.kind) || !kinds.contains(&kind_of(block)));
    for block in over.blocks {
        let there = base.blocks.iter_mut().find(|b| merged(&b.kind) && b.kind == block.kind);
        match there {
            Some(there) => merge_body(&mut there.body, block.body, "lifecycle"),
            None => base.blocks.push(block),
        }
    }
}

/// A dynamic block stands for blocks of the kind of its label.
fn kind_of(block: &Block) -> String {
    if block.kind == "dynamic" { block.label(0).to_owned() } else { block.kind.clone() }
}

fn merge_terraform(base: &mut Vec<Block>, over: Block) {
    let Some(first) = base.iter_mut().find(|block| block.kind == "terraform") else {
        base.push(over);
        return;
    };
    for attribute in over.body.attributes {
        first.body.attributes.retain(|a| a.name != attribute.name);
        first.body.attributes.push(attribute);
    }
    for block in over.body.blocks {
        let there = first.body.blocks.iter_mut().find(|b| b.kind == block.kind);
        match there {
            Some(there) if block.kind == "required_providers" => {
                merge_body(&mut there.body, block.body, "");
            }
            Some(there) => *there = block,
            None => first.body.blocks.push(block),
        }
    }
}

fn merge_locals(base: &mut Vec<Block>, over: Block) {
    for block in base.iter_mut().filter(|block| block.kind == "locals") {
        block.body.attributes.retain(|a| over.body.attribute(&a.name).is_none());
    }
    base.push(over);
}

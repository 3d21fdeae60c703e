//! The two shapes that all four have: a list, and one of them with a form beside its facts.

use app::roles::grantable_roles;
use app::{AppError, Principal};
use askama::Template;
use axum::response::Response;
use domain::kernel::RoleName;
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::tokens::{NONE_ALONE, RoleChoice, is_none_among};
use crate::problem::{Problem, render};
use crate::shell::{Place, Shell};
use crate::show::{Form, When};
use crate::state::Web;

/// A list of them.
#[derive(Template)]
#[template(path = "people/list.html")]
pub(super) struct List {
    pub(super) shell: Shell,
    /// Which of the four.
    pub(super) here: &'static str,
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    /// What is said where there is none.
    pub(super) empty: &'static str,
    /// Where one is added, and what the link says; for those who may.
    pub(super) add: Option<(&'static str, &'static str)>,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
}

impl List {
    fn is_here(&self, page: &str) -> bool {
        self.here == page
    }
}

pub(super) struct Row {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) small: String,
    pub(super) tag: Option<(&'static str, &'static str)>,
    pub(super) cells: Vec<String>,
}

/// One of them, or a new one.
#[derive(Template)]
#[template(path = "people/one.html")]
pub(super) struct One {
    pub(super) shell: Shell,
    pub(super) here: (&'static str, &'static str),
    pub(super) title: String,
    pub(super) tag: Option<(&'static str, &'static str)>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) since: Option<When>,
    pub(super) links: Vec<(String, String)>,
    /// The form's path; `None` for those who may not change it.
    pub(super) action: Option<String>,
    pub(super) button: &'static str,
    pub(super) form: Form,
    pub(super) fields: Vec<Field>,
    /// Teams that a field can be filled with, by name.
    pub(super) teams: Vec<String>,
    pub(super) roles: Vec<RoleChoice>,
    pub(super) chosen: Vec<String>,
    pub(super) version: Option<u64>,
    /// Whether a box "works" is shown, and ticked; and what it says.
    pub(super) active: Option<(bool, &'static str)>,
    /// What a role allows, each with whether the reader holds it too.
    pub(super) allows: Vec<(String, &'static str, bool)>,
    /// Scopes that a role may allow, in the same form.
    pub(super) known: Vec<(String, &'static str, bool)>,
    /// Where it is removed, for those who may.
    pub(super) remove: Option<String>,
}

impl One {
    fn is_chosen(&self, role: &str) -> bool {
        self.chosen.iter().any(|own| own == role)
    }
}

/// A field of the form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) kind: &'static str,
    pub(super) optional: bool,
}

impl Field {
    pub(super) const fn text(name: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self {
            name,
            label,
            hint,
            kind: "text",
            optional: false,
        }
    }

    pub(super) const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    pub(super) const fn of(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }
}

impl One {
    pub(super) fn new(shell: Shell, here: (&'static str, &'static str), title: String) -> Self {
        Self {
            shell,
            here,
            title,
            tag: None,
            facts: Vec::new(),
            since: None,
            links: Vec::new(),
            action: None,
            button: "Save changes",
            form: Form::default(),
            fields: Vec::new(),
            teams: Vec::new(),
            roles: Vec::new(),
            chosen: Vec::new(),
            version: None,
            active: None,
            allows: Vec::new(),
            known: Vec::new(),
            remove: None,
        }
    }

    pub(super) fn shown(&self, status: StatusCode) -> Response {
        render(status, self)
    }
}

/// The shell of these pages.
pub(super) async fn shell(web: &Web, who: &SignedIn, title: &str) -> Result<Shell, Problem> {
    Shell::load(web, who, Place::People, title).await
}

/// The roles that the reader may hand out, and those that are held anyway.
pub(super) async fn choices(
    web: &Web,
    principal: &Principal,
    held: impl IntoIterator<Item = &RoleName>,
) -> Result<Vec<RoleChoice>, Problem> {
    let roles = grantable_roles(&web.ctx, principal).await?;
    let mut choices: Vec<RoleChoice> = roles.iter().map(RoleChoice::of).collect();
    for name in held {
        if roles.iter().all(|role| role.name != *name) {
            choices.push(RoleChoice::held(name));
        }
    }
    Ok(choices)
}

/// The roles that were ticked.
pub(super) fn ticked(entries: &Entries) -> Result<Vec<String>, AppError> {
    let roles = entries.all("roles");
    match is_none_among(&roles) {
        true => Err(AppError::invalid("roles", NONE_ALONE)),
        false => Ok(roles),
    }
}

/// A refusal beside the field that it is about; what was typed stays.
pub(super) fn refused(
    form: Form,
    error: AppError,
    fields: &[&'static str],
) -> Result<Form, Problem> {
    let first = fields.first().copied().unwrap_or("name");
    match error {
        AppError::Forbidden { sentence, .. } => {
            let roles = fields.iter().find(|f| **f == "roles" || **f == "scopes");
            Ok(form.with(roles.copied().unwrap_or(first), &sentence))
        }
        AppError::Stale { .. } | AppError::Overtaken(_) => {
            Ok(form.with(first, "somebody else changed this meanwhile; open it anew"))
        }
        other => form.refused(other, fields),
    }
}

/// Words of a list that people type: with commas, blanks or lines between.
pub(super) fn words(text: &str) -> Vec<String> {
    let parts = text.split([',', ' ', '\n', ';']);
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}
